/** What is to be drawn: timeframe, EMAs, and as of which market day. */
import type { JSX } from 'preact';
import type { TimeframesResponse } from '../../api/api-asset-types.js';
import type { AssetView } from '../../api/asset-address.js';
import { AssetPicker } from '../finding/asset-picker.jsx';
import { Checks, Select } from '../shared/choices.jsx';
import { EmaKindField } from '../shared/ema-kind.jsx';
import { Field } from '../shared/parts.jsx';
import { DayField } from './day-field.jsx';
import type { DayRange } from './day-text.js';

interface ControlsProps {
  view: AssetView;
  known: TimeframesResponse;
  /** Days of the asset. */
  /** null: not known yet. */
  range: DayRange | null;
  onChange(view: AssetView): void;
}

/** The controls above the chart. */
export function ChartControls({ view, known, range, onChange }: ControlsProps): JSX.Element {
  const charts = known.timeframes.filter(({ hasBars }) => hasBars);
  const alignments = [...new Set(charts.map(({ alignment }) => alignment))];
  const tfs = charts.filter(({ alignment }) => alignment === view.alignment).map(({ tf }) => tf);
  return (
    <div class="controls">
      <Field label="Alignment">
        <Select
          value={view.alignment}
          values={alignments}
          onPick={(alignment) => {
            const isThere = charts.some((each) => each.alignment === alignment && each.tf === view.tf);
            const first = charts.find((each) => each.alignment === alignment)?.tf ?? view.tf;
            onChange({ ...view, alignment, tf: isThere ? view.tf : first });
          }}
        />
      </Field>
      <Field label="Timeframe">
        <Select value={view.tf} values={tfs} onPick={(tf) => onChange({ ...view, tf })} />
      </Field>
      <DayField
        label="As of market day (UTC, YYYY-MM-DD), later corrections included"
        value={view.asof}
        range={range}
        onPick={(asof) => onChange({ ...view, asof })}
      />
      {view.asof !== '' && (
        <button type="button" onClick={() => onChange({ ...view, asof: '' })}>
          Now
        </button>
      )}
      <details class="menu">
        <summary>EMAs: {view.periods.length === 0 ? 'none' : view.periods.join(', ')}</summary>
        <EmaChoice view={view} periods={known.periods} onChange={onChange} />
      </details>
      {known.indicators.length > 0 && (
        <details class="menu">
          <summary>Indicators: {view.indicators.length === 0 ? 'none' : view.indicators.join(', ')}</summary>
          <Checks
            label="Indicators"
            values={known.indicators}
            picked={view.indicators}
            onPick={(indicators) => onChange({ ...view, indicators })}
          />
        </details>
      )}
      <AssetPicker
        label="Compare with, by index"
        onPick={({ id }) => onChange({ ...view, compare: String(id) })}
      />
      {view.compare !== '' && (
        <button type="button" onClick={() => onChange({ ...view, compare: '' })}>
          Compare with none
        </button>
      )}
    </div>
  );
}

function EmaChoice({
  view,
  periods,
  onChange,
}: Pick<ControlsProps, 'view' | 'onChange'> & { periods: number[] }): JSX.Element {
  return (
    <div class="controls">
      <Checks
        label="Periods"
        values={periods}
        picked={view.periods}
        onPick={(picked) => onChange({ ...view, periods: picked })}
      />
      <EmaKindField value={view.kind} onPick={(kind) => onChange({ ...view, kind })} />
      <label class="check">
        <input
          type="checkbox"
          checked={view.withPreviews}
          onChange={() => onChange({ ...view, withPreviews: !view.withPreviews })}
        />
        preview values of every day
      </label>
    </div>
  );
}
