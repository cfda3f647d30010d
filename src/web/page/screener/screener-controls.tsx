/** Which series, which columns, which assets. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { TimeframesResponse } from '../../api/api-asset-types.js';
import { Checks, Select } from '../shared/choices.jsx';
import { EmaKindField } from '../shared/ema-kind.jsx';
import { Field } from '../shared/parts.jsx';
import type { ScreenQuery } from './screen-query.js';

const ANY_HEALTH = 'any';
const HEALTHS = [ANY_HEALTH, 'good', 'watch', 'bad', 'watch,bad'];

interface ControlsProps {
  query: ScreenQuery;
  /** null: not read yet. */
  known: TimeframesResponse | null;
  onChange(query: ScreenQuery): void;
}

/** The controls above the rows. */
export function ScreenerControls({ query, known, onChange }: ControlsProps): JSX.Element {
  const charts = known?.timeframes.filter(({ hasBars }) => hasBars) ?? [query];
  const alignments = [...new Set(charts.map(({ alignment }) => alignment))];
  const tfs = charts.filter(({ alignment }) => alignment === query.alignment).map(({ tf }) => tf);
  const names = (list: readonly (string | number)[]) => (list.length === 0 ? 'none' : list.join(', '));
  return (
    <div class="controls">
      <Field label="Alignment">
        <Select
          value={query.alignment}
          values={alignments}
          onPick={(alignment) => {
            const isThere = charts.some((each) => each.alignment === alignment && each.tf === query.tf);
            const first = charts.find((each) => each.alignment === alignment)?.tf ?? query.tf;
            onChange({ ...query, alignment, tf: isThere ? query.tf : first });
          }}
        />
      </Field>
      <Field label="Timeframe">
        <Select value={query.tf} values={tfs} onPick={(tf) => onChange({ ...query, tf })} />
      </Field>
      <details class="menu">
        <summary>EMAs: {names(query.periods)}</summary>
        <div class="controls">
          <Checks
            label="Periods"
            values={known?.periods ?? query.periods}
            picked={query.periods}
            onPick={(periods) => onChange(withoutLost({ ...query, periods }))}
          />
          <EmaKindField value={query.kind} onPick={(kind) => onChange(withoutLost({ ...query, kind }))} />
        </div>
      </details>
      {known !== null && known.indicators.length > 0 && (
        <details class="menu">
          <summary>Indicators: {names(query.indicators)}</summary>
          <Checks
            label="Indicators"
            values={known.indicators}
            picked={query.indicators}
            onPick={(indicators) => onChange(withoutLost({ ...query, indicators }))}
          />
        </details>
      )}
      <Filters query={query} onChange={onChange} />
    </div>
  );
}

/** What a view without a column cannot ask for. */
function withoutLost(query: ScreenQuery): ScreenQuery {
  const { periods } = query;
  return {
    ...query,
    sort: 'id',
    order: periods.length < 2 ? '' : query.order,
    crossed: periods.length === 0 ? '' : query.crossed,
  };
}

function Filters({ query, onChange }: Pick<ControlsProps, 'query' | 'onChange'>): JSX.Element {
  const { periods } = query;
  return (
    <>
      <Field label="Health">
        <Select
          value={query.health === '' ? ANY_HEALTH : query.health}
          values={[...new Set([...HEALTHS, query.health || ANY_HEALTH])]}
          onPick={(health) => onChange({ ...query, health: health === ANY_HEALTH ? '' : health })}
        />
      </Field>
      <Field label="EMA order">
        <select
          value={query.order}
          disabled={periods.length < 2}
          onChange={(event) => onChange({ ...query, order: event.currentTarget.value })}
        >
          <option value="">any</option>
          <option value="up">{periods.join(' > ')}</option>
          <option value="down">{periods.join(' < ')}</option>
        </select>
      </Field>
      <Typed
        label={`${periods.length > 1 ? periods.slice(0, 2).join(' and ') : 'close and EMA'} crossed within bars`}
        value={query.crossed}
        isShort
        onPick={(crossed) => onChange({ ...query, crossed })}
      />
      <Typed
        label="Where, such as change > 2, distance_50 < -5"
        value={query.where}
        onPick={(where) => onChange({ ...query, where })}
      />
      <Field label="Search symbol, name or id">
        <input
          type="search"
          value={query.search}
          onInput={(event) => onChange({ ...query, search: event.currentTarget.value })}
        />
      </Field>
    </>
  );
}

interface TypedProps {
  label: string;
  value: string;
  isShort?: boolean;
  onPick(text: string): void;
}

/** Takes its text when Enter is pressed or the field is left: on the way there it means nothing. */
function Typed({ label, value, isShort = false, onPick }: TypedProps): JSX.Element {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <Field label={label}>
      <input
        type="text"
        class={isShort ? 'day' : undefined}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={() => onPick(text.trim())}
      />
    </Field>
  );
}
