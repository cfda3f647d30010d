/** What a comparison of one asset with the origin's tables has found. */
import { type Day, formatDay } from '../../domain/calendar/day.js';
import { kindOf, textOfNumber } from '../../domain/origin/cells.js';
import type { Revision } from '../../domain/origin/given.js';
import { bitOf, DIFFERENCE_NAMES, type KnownDifference } from '../../domain/origin/rules.js';
import type { StrayRow } from '../../storage/origin/rows.js';
import type { Sides, Verdict } from './judge.js';

/** A difference that no rule explains, with its place. */
export interface Finding {
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
  /** What the rule that comes closest says; null: no rule has such a row. */
  expected: string | null;
}

export interface TableComparison {
  table: string;
  /** Rows up to the newest day that both sides have. */
  theirs: number;
  ours: number;
  differing: number;
  /** How many of them each rule explains; one row may need several. */
  explained: Partial<Record<KnownDifference, number>>;
  unexplained: number;
  /** Series of the catalogue of which theirs has no row at all; they are not compared. */
  notTheirs: number;
  /** 'YYYY-MM-DD', the newest day that was compared; null: one side has nothing. */
  upTo: string | null;
  /** By whose rules of the origin's revisions its rows are explained; both when series differ in that. */
  revisions: Revision[];
  /** Columns that are compared elsewhere and are not there, or cannot be read, with the reason. */
  leftOut: readonly string[];
}

export interface AssetComparison {
  id: number;
  tables: TableComparison[];
  unexplained: number;
  /** The first of them. */
  findings: Finding[];
  /** Why the asset could not be compared; null: it was. */
  error: string | null;
}

/** Findings that are kept of an asset. */
const MOST_FINDINGS = 20;
const ABSENT = 'no row';

/** The tables of one asset while they are compared. */
export interface Tally {
  asset: AssetComparison;
  table: TableComparison;
}

/** Begins with a table. */
export function startTable(asset: AssetComparison, table: string, leftOut: readonly string[]): Tally {
  const comparison: TableComparison = {
    ...{ table, theirs: 0, ours: 0, differing: 0, explained: {}, unexplained: 0, notTheirs: 0, upTo: null },
    ...{ revisions: [], leftOut },
  };
  asset.tables.push(comparison);
  return { asset, table: comparison };
}

/** Counts what nothing explains. */
export function noteUnexplained(
  { asset, table }: Tally,
  finding: Omit<Finding, 'id' | 'table'>,
  rows = 1,
): void {
  table.differing += rows;
  table.unexplained += rows;
  asset.unexplained += rows;
  if (asset.findings.length < MOST_FINDINGS)
    asset.findings.push({ id: asset.id, table: table.table, ...finding });
}

/** A series that was judged, and how its places are named. */
export interface JudgedSeries {
  tf: string;
  revision: Revision;
  sides: Sides;
  verdict: Verdict;
  placeOf: (place: number) => { day: Day; period: number | null };
  strays: readonly StrayRow[];
}

/** Adds a series to its table. */
export function noteSeries(tally: Tally, series: JudgedSeries): void {
  const { asset, table } = tally;
  const { verdict, revision, tf } = series;
  table.theirs += verdict.theirs;
  table.ours += verdict.ours;
  if (verdict.explained.size > 0 && !table.revisions.includes(revision)) table.revisions.push(revision);
  for (const [rules, rows] of verdict.explained)
    for (const name of DIFFERENCE_NAMES)
      if ((rules & bitOf(name)) !== 0) table.explained[name] = (table.explained[name] ?? 0) + rows;
  table.differing += verdict.differing;
  table.unexplained += verdict.unexplained;
  asset.unexplained += verdict.unexplained;
  for (const found of verdict.findings)
    if (asset.findings.length < MOST_FINDINGS)
      asset.findings.push({ id: asset.id, table: table.table, tf, ...findingOf(series, found) });
  for (const { day, period, why } of series.strays) {
    table.theirs += 1;
    noteUnexplained(tally, {
      ...{ tf, period, day: formatDay(day), column: null, theirs: STRAYS[why], ours: ABSENT, expected: null },
    });
  }
}

const STRAYS: Readonly<Record<StrayRow['why'], string>> = {
  twice: 'a second row of the day',
  'no price': 'a row of a day without a price',
  period: 'a period that is not in dim_period',
};

function findingOf(
  { sides, placeOf }: JudgedSeries,
  { place, column, isTheirs }: Verdict['findings'][number],
): Omit<Finding, 'id' | 'table' | 'tf'> {
  const { day, period } = placeOf(place);
  const at = { period, day: formatDay(day), column };
  const hasModel = sides.model.present[place] === 1;
  if (column === null) {
    const isOurs = sides.ours.present[place] === 1;
    return {
      ...at,
      ...{ theirs: isTheirs ? 'a row' : ABSENT, ours: isOurs ? 'a row' : ABSENT },
      expected: hasModel ? 'a row' : null,
    };
  }
  const cellOf = (side: keyof Sides) =>
    formatCell(sides[side].columns[column]?.[place] ?? Number.NaN, column);
  return {
    ...at,
    theirs: cellOf('theirs'),
    ours: cellOf('ours'),
    expected: hasModel ? cellOf('model') : null,
  };
}

function formatCell(cell: number, column: string): string {
  if (Number.isNaN(cell)) return 'NULL';
  switch (kindOf(column)) {
    case 'day':
      return formatDay(cell);
    case 'time':
      return Number.isFinite(cell) ? new Date(cell / 1000).toISOString() : String(cell);
    case 'flag':
      return cell === 1 ? 'true' : 'false';
    case 'text':
      return textOfNumber(cell);
    default:
      return String(cell);
  }
}

/** "1 cmc_ema_multi_tf 7D period 21 2024-03-31 ema: theirs 1.5, ours 1.25, by its rules 1.25". */
export function formatFinding({
  id,
  table,
  tf,
  period,
  day,
  column,
  theirs,
  ours,
  expected,
}: Finding): string {
  const place = [
    ...[id, table, tf],
    ...(period === null ? [] : [`period ${period}`]),
    ...(day === null ? [] : [day]),
    ...(column === null ? [] : [column]),
  ].join(' ');
  const rule = expected === null || expected === ours ? '' : `, by its rules ${expected}`;
  return `${place}: theirs ${theirs}, ours ${ours}${rule}`;
}

/** Rules that were met, in the order of their list, with how many rows each explains. */
export function sumExplained(assets: readonly AssetComparison[]): [KnownDifference, number][] {
  return DIFFERENCE_NAMES.flatMap((name) => {
    const counts = assets.flatMap(({ tables }) => tables.map(({ explained }) => explained[name] ?? 0));
    const sum = counts.reduce((total, count) => total + count, 0);
    return sum === 0 ? [] : [[name, sum] as [KnownDifference, number]];
  });
}
