/** The rows of the screener; headings sort. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { AssetHealth } from '../../api/api-freshness-types.js';
import type { ScreenerColumn, ScreenerResponse } from '../../api/api-screener-types.js';
import { asPlainText, formatPercent, formatValue } from '../shared/format.js';
import { Health, type KnownHealth, useHealth } from '../shared/health.jsx';
import { ScrollTable } from '../shared/parts.jsx';
import { hrefOfAsset, type ScreenQuery, showScreen } from './screen-query.js';

const TEXTS = ['symbol', 'name', 'health', 'day', 'order', 'crossed_to'];

interface TableProps {
  data: ScreenerResponse;
  query: ScreenQuery;
}

/** A row for each asset, the symbol leading to its chart. */
export function ScreenerTable({ data, query }: TableProps): JSX.Element {
  const health = useHealthOf(data);
  const ids = valuesOf(data, 'id');
  const columns = columnsOf(data);
  return (
    <ScrollTable label="Newest values of assets">
      <thead>
        <tr>
          {columns.map(({ name }) => (
            <Heading key={name} name={name} query={query} />
          ))}
        </tr>
      </thead>
      <tbody>
        {ids.map((id, row) => (
          <tr key={id}>
            {columns.map((column) => (
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

function valuesOf({ columns }: ScreenerResponse, name: string): ScreenerColumn['values'] {
  return columns.find((column) => column.name === name)?.values ?? [];
}

/** The health has a column also where it was not asked for: then it follows when it has been read. */
function columnsOf({ columns }: ScreenerResponse): ScreenerColumn[] {
  const others = columns.filter(({ name }) => name !== 'health' && name !== 'health_why');
  const at = others.findIndex(({ name }) => name === 'name') + 1;
  return others.toSpliced(at, 0, { name: 'health', values: [] });
}

/** By id. */
function useHealthOf(data: ScreenerResponse): ReadonlyMap<number, KnownHealth> {
  const healths = valuesOf(data, 'health');
  const later = useHealth(healths.length === 0);
  return useMemo(() => {
    if (healths.length === 0) return later;
    const why = valuesOf(data, 'health_why');
    return new Map(
      valuesOf(data, 'id').flatMap((id, row) =>
        healths[row] == null
          ? []
          : [[Number(id), { health: healths[row] as AssetHealth, why: String(why[row] ?? '') }] as const],
      ),
    );
  }, [data, later]);
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
  const [, kind, period] = /^(ema|ema_bar|distance)_(\d{1,5})$/.exec(name) ?? [];
  if (kind === 'distance') return `from ${period}, %`;
  if (kind !== undefined) return kind === 'ema' ? `EMA ${period}` : `${kind} ${period}`;
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
  const text = typeof value === 'string' ? asPlainText(value) : undefined;
  if (name === 'symbol')
    return (
      <td class="cut" title={text}>
        <a href={hrefOfAsset(id, query)}>
          <bdi>{text ?? `asset ${id}`}</bdi>
        </a>
      </td>
    );
  if (name === 'health')
    return (
      <td class="health-word">
        <Health known={health} withWord />
      </td>
    );
  if (name === 'name')
    return (
      <td class="cut" title={text}>
        <bdi>{text}</bdi>
      </td>
    );
  if (typeof value !== 'number') return <td>{text}</td>;
  if (name === 'id' || name === 'crossed') return <td class="number">{value}</td>;
  const isShare = name === 'change' || name.startsWith('distance_');
  return <td class="number">{isShare ? formatPercent(value) : formatValue(value)}</td>;
}
