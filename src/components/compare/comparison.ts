/** What a comparison of one asset with the origin's tables has found. */
import { formatDay } from '../../domain/calendar/day.js';
import { KNOWN_DIFFERENCES, type KnownDifference } from '../../domain/origin/rules.js';
import { type Cell, type DifferingRow, isSameCell } from '../../storage/origin/differences.js';
import { BAR_CELLS, DAILY_CELLS, EMA_CELLS, type OriginTable } from '../../storage/origin/tables.js';

/** A difference that no known one explains, with its place. */
export interface Unexplained {
  id: number;
  table: string;
  tf: string;
  /** EMAs only. */
  period: number | null;
  /** 'YYYY-MM-DD'; null: the series as a whole. */
  day: string | null;
  /** null: one side has no such row. */
  column: string | null;
  theirs: string;
  ours: string;
}

export interface TableComparison {
  table: string;
  /** Rows up to the newest day that both sides have. */
  theirs: number;
  ours: number;
  differing: number;
  /** How many of them each known difference explains; one row may need several. */
  explained: Partial<Record<KnownDifference, number>>;
  unexplained: number;
  /** Series of the catalogue of which theirs has no row at all; they are not compared. */
  notTheirs: number;
  /** 'YYYY-MM-DD', the newest day that was compared; null: one side has nothing. */
  upTo: string | null;
}

export interface AssetComparison {
  id: number;
  tables: TableComparison[];
  unexplained: number;
  /** The first of them. */
  findings: Unexplained[];
  /** Why the asset could not be compared; null: it was. */
  error: string | null;
}

/** Findings that are kept of an asset. */
const MOST_FINDINGS = 20;
const ABSENT = 'no row';
const KINDS: Readonly<Record<string, string>> = { ...DAILY_CELLS, ...BAR_CELLS, ...EMA_CELLS };

/** The tables of one asset while they are compared. */
export interface Tally {
  asset: AssetComparison;
  table: TableComparison;
}

/** Begins with a table. */
export function startTable(asset: AssetComparison, table: string, notTheirs = 0): Tally {
  const comparison: TableComparison = {
    ...{ table, theirs: 0, ours: 0, differing: 0, explained: {}, unexplained: 0, notTheirs, upTo: null },
  };
  asset.tables.push(comparison);
  return { asset, table: comparison };
}

/** Counts rows that known differences explain. */
export function noteExplained({ table }: Tally, names: readonly KnownDifference[], rows = 1): void {
  table.differing += rows;
  for (const name of names) table.explained[name] = (table.explained[name] ?? 0) + rows;
}

/** Counts what nothing explains. */
export function noteUnexplained({ asset, table }: Tally, finding: Omit<Unexplained, 'id' | 'table'>): void {
  table.differing += 1;
  table.unexplained += 1;
  asset.unexplained += 1;
  if (asset.findings.length < MOST_FINDINGS)
    asset.findings.push({ id: asset.id, table: table.table, ...finding });
}

/** The finding of a row: the first column that differs. */
export function findingOf(
  { columns }: OriginTable,
  tf: string,
  { day, period, theirs, ours }: DifferingRow,
): Omit<Unexplained, 'id' | 'table'> {
  const place = { tf, period, day: formatDay(day) };
  if (theirs === null || ours === null)
    return {
      ...place,
      ...{ column: null, theirs: theirs ? 'a row' : ABSENT, ours: ours ? 'a row' : ABSENT },
    };
  const scale = scaleOf(columns, [theirs, ours]);
  const at = columns.findIndex(
    (column, index) => !isSameCell(column, [theirs[index] as Cell, ours[index] as Cell], scale),
  );
  const column = columns[at] ?? null;
  return {
    ...place,
    column,
    theirs: formatCell(theirs[at] as Cell, column),
    ours: formatCell(ours[at] as Cell, column),
  };
}

/** The largest EMA of these rows. */
export function scaleOf(columns: readonly string[], rows: readonly (readonly Cell[])[]): number {
  const at = columns.indexOf('ema');
  return Math.max(0, ...rows.map((row) => Math.abs(Number(row[at] ?? 0))));
}

function formatCell(cell: Cell, column: string | null): string {
  if (cell === null) return 'NULL';
  const kind = KINDS[column ?? ''];
  if (typeof cell === 'number' && Number.isFinite(cell)) {
    if (kind === 'day') return formatDay(cell);
    if (kind === 'time') return new Date(cell / 1000).toISOString();
  }
  return String(cell);
}

/** "1 cmc_ema_multi_tf 7D period 21 2024-03-31 ema: theirs 1.5, ours 1.25". */
export function formatUnexplained({ id, table, tf, period, day, column, theirs, ours }: Unexplained): string {
  const place = [
    ...[id, table, tf],
    ...(period === null ? [] : [`period ${period}`]),
    ...(day === null ? [] : [day]),
    ...(column === null ? [] : [column]),
  ].join(' ');
  return `${place}: theirs ${theirs}, ours ${ours}`;
}

/** Known differences that were met, in the order of their list, with how many rows each explains. */
export function sumExplained(assets: readonly AssetComparison[]): [KnownDifference, number][] {
  return (Object.keys(KNOWN_DIFFERENCES) as KnownDifference[]).flatMap((name) => {
    const counts = assets.flatMap(({ tables }) => tables.map(({ explained }) => explained[name] ?? 0));
    const sum = counts.reduce((total, count) => total + count, 0);
    return sum === 0 ? [] : [[name, sum]];
  });
}
