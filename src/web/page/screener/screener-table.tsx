/** The rows of the screener; headings sort. */
import type { JSX } from 'preact';
import type { ScreenerColumn, ScreenerResponse } from '../../api/api-screener-types.js';
import { asPlainText, formatPercent, formatValue } from '../shared/format.js';
import { Health, type KnownHealth, useHealth } from '../shared/health.jsx';
import { ScrollTable } from '../shared/parts.jsx';
import { hrefOfAsset, type ScreenQuery, showScreen } from './screen-query.js';

const TEXTS = ['symbol', 'name', 'day', 'order', 'crossed_to'];

interface TableProps {
  data: ScreenerResponse;
  query: ScreenQuery;
}

/** A row for each asset, the symbol leading to its chart. */
export function ScreenerTable({ data, query }: TableProps): JSX.Element {
  const health = useHealth();
  const ids = data.columns.find(({ name }) => name === 'id')?.values ?? [];
  return (
    <ScrollTable label="Newest values of assets">
      <thead>
        <tr>
          {data.columns.map(({ name }) => (
            <Heading key={name} name={name} query={query} />
          ))}
        </tr>
      </thead>
      <tbody>
        {ids.map((id, row) => (
          <tr key={id}>
            {data.columns.map((column) => (
              <Cell
                key={column.name}
                {...{ column, row, query }}
                id={Number(id)}
                health={health.get(Number(id))}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

function Heading({ name, query }: { name: string; query: ScreenQuery }): JSX.Element {
  const isSorted = query.sort === name;
  const isDescending = isSorted && query.isDescending;
  return (
    <th
      class={TEXTS.includes(name) ? undefined : 'number'}
      aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        class="plain"
        onClick={() => showScreen({ ...query, sort: name, isDescending: isSorted && !isDescending })}
      >
        {labelOf(name)}
        {isSorted && <span aria-hidden="true">{isDescending ? ' ▼' : ' ▲'}</span>}
      </button>
    </th>
  );
}

function labelOf(name: string): string {
  const ofPeriod = /^(ema|distance)_(\d{1,5})$/.exec(name);
  if (ofPeriod !== null) return ofPeriod[1] === 'ema' ? `EMA ${ofPeriod[2]}` : `from ${ofPeriod[2]}, %`;
  if (name === 'change') return 'change, %';
  if (name === 'crossed') return 'bars since';
  return name === 'crossed_to' ? 'crossed' : name;
}

interface CellProps {
  column: ScreenerColumn;
  row: number;
  id: number;
  health: KnownHealth | undefined;
  query: ScreenQuery;
}

function Cell({ column: { name, values }, row, id, health, query }: CellProps): JSX.Element {
  const value = values[row] ?? null;
  if (name === 'symbol')
    return (
      <td class="name">
        <Health known={health} />{' '}
        <a href={hrefOfAsset(id, query)}>
          <bdi>{asPlainText(String(value ?? `asset ${id}`))}</bdi>
        </a>
      </td>
    );
  if (typeof value !== 'number')
    return <td class={name === 'day' ? undefined : 'name'}>{value === null ? '' : asPlainText(value)}</td>;
  if (name === 'id' || name === 'crossed') return <td class="number">{value}</td>;
  const isShare = name === 'change' || name.startsWith('distance_');
  return <td class="number">{isShare ? formatPercent(value) : formatValue(value)}</td>;
}
