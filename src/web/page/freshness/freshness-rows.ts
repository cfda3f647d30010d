/** Which assets the grid shows, in which order, and what is said about one of its cells. */
import type {
  FreshnessColumns,
  FreshnessResponse,
  FreshnessStatus,
  FreshnessTable,
  FreshnessTableKey,
} from '../../api/api-freshness-types.js';
import { countOf, formatHours } from '../shared/format.js';

/** The worst first: what somebody has to look at. */
export const BY_URGENCY: readonly FreshnessStatus[] = [
  'failed',
  'quarantined',
  'never_built',
  'stale',
  'behind',
  'source_late',
  'fresh',
  'retired',
];

export const STATUS_LABELS: Readonly<Record<FreshnessStatus, string>> = {
  fresh: 'fresh',
  source_late: 'source late',
  behind: 'behind',
  stale: 'stale',
  never_built: 'never built',
  failed: 'failed',
  quarantined: 'quarantined',
  retired: 'retired',
};

export type SortKey = 'id' | 'symbol' | 'worst' | FreshnessTableKey;

export interface Selection {
  /** Part of a symbol or a name, or an id; '' for all. */
  search: string;
  /** Assets with at least one cell in this status; null: any. */
  status: FreshnessStatus | null;
  sort: SortKey;
  isDescending: boolean;
}

export interface Cell {
  status: FreshnessStatus;
  ageHours: number | null;
  lagDays: number | null;
  watermark: string | null;
  reason: string;
}

/** One cell of the grid. */
export function cellOf(data: FreshnessResponse, key: FreshnessTableKey, index: number): Cell {
  const column: FreshnessColumns = data.cells[key];
  return {
    status: data.statuses[column.status[index] ?? 0] ?? 'never_built',
    ageHours: column.ageHours[index] ?? null,
    lagDays: column.lagDays[index] ?? null,
    watermark: column.watermark[index] ?? null,
    reason: data.reasons[column.reason[index] ?? 0] ?? '',
  };
}

/** The text of a cell: the status, and by how much. */
export function shortTextOf({ status, ageHours, lagDays }: Cell): string {
  const label = STATUS_LABELS[status];
  if (status === 'source_late' && ageHours !== null) return `late ${formatHours(ageHours)}`;
  if ((status === 'behind' || status === 'stale') && lagDays !== null && lagDays > 0)
    return `${label} ${lagDays} d`;
  return label;
}

/** Everything about a cell in one sentence. */
export function sentenceOf(cell: Cell, table: FreshnessTable, assetLabel: string): string {
  const facts = [
    cell.watermark === null ? 'nothing in it' : `up to ${cell.watermark.slice(0, 10)}`,
    cell.ageHours === null ? '' : `age ${formatHours(cell.ageHours)}`,
    cell.lagDays === null ? '' : `lag ${countOf(cell.lagDays, 'day')}`,
  ].filter((fact) => fact !== '');
  return `${assetLabel}, ${table.label}: ${shortTextOf(cell)}; ${facts.join(', ')}. ${cell.reason}`;
}

/** Indexes of the assets to show, in order. Ties are ordered by id, which is the order of the data. */
export function selectRows(data: FreshnessResponse, selection: Selection): number[] {
  const wanted = selection.search.trim().toLowerCase();
  const rows = data.assets.id.flatMap((_, index) =>
    hasText(data, index, wanted) && hasStatus(data, index, selection.status) ? [index] : [],
  );
  const compare = comparerOf(data, selection.sort);
  const sign = selection.isDescending ? -1 : 1;
  return rows.sort((a, b) => sign * compare(a, b) || a - b);
}

function hasText({ assets }: FreshnessResponse, index: number, wanted: string): boolean {
  if (wanted === '' || String(assets.id[index]) === wanted) return true;
  return [assets.symbol[index], assets.name[index]].some(
    (text) => text?.toLowerCase().includes(wanted) === true,
  );
}

function hasStatus(data: FreshnessResponse, index: number, status: FreshnessStatus | null): boolean {
  if (status === null) return true;
  const wanted = data.statuses.indexOf(status);
  return data.tables.some(({ key }) => data.cells[key].status[index] === wanted);
}

function comparerOf(data: FreshnessResponse, sort: SortKey): (a: number, b: number) => number {
  if (sort === 'id') return (a, b) => a - b;
  if (sort === 'symbol') {
    const texts = data.assets.symbol.map((symbol) => symbol ?? '\uffff');
    const { compare } = new Intl.Collator('en', { numeric: true });
    return (a, b) => compare(texts[a] ?? '', texts[b] ?? '');
  }
  const keys = sort === 'worst' ? data.tables.map(({ key }) => key) : [sort];
  const ranks = data.assets.id.map((_, index) => Math.min(...keys.map((key) => rankOf(data, key, index))));
  return (a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0);
}

/** Small for what is urgent; within a status the greater lag, then the greater age first. */
function rankOf(data: FreshnessResponse, key: FreshnessTableKey, index: number): number {
  const column = data.cells[key];
  const status = data.statuses[column.status[index] ?? 0] ?? 'never_built';
  const days = (column.lagDays[index] ?? 0) + (column.ageHours[index] ?? 0) / 1e6;
  return BY_URGENCY.indexOf(status) - Math.min(days / 1e6, 0.999);
}
