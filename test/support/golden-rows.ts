/** Golden files against rows of the database: every cell of every row, counted. */
import { expect } from 'vitest';
import { dayOfUs, formatDay } from '../../src/domain/calendar/day.js';
import { readCsv, usOfIso } from './shared-data.js';

/** How cells of a column are compared: text, whole numbers, dates, times and flags exactly, values to a relative bound. */
export type Kind = 'text' | 'number' | 'flag' | 'date' | 'time' | { relative: number };

/** What a golden file is compared by: its key columns, then the others, each with its kind. */
export interface GoldenShape {
  key: readonly string[];
  columns: Readonly<Record<string, Kind>>;
}

export interface GoldenComparison {
  rows: number;
  compared: number;
  /** Largest relative deviation of a value that need not be equal bit for bit. */
  deviation: number;
  mismatches: string[];
}

/** The deviation of a found cell from a golden one: 0 is equal, Infinity is another thing. An empty golden cell is NULL. */
function deviationOf(kind: Kind, golden: string, found: unknown): number {
  if (golden === '' || found === null || found === undefined)
    return golden === '' && found === null ? 0 : Infinity;
  if (typeof kind === 'object') {
    return Math.abs(Number(found) - Number(golden)) / Math.max(Math.abs(Number(golden)), Number.MIN_VALUE);
  }
  const isSame = {
    text: () => found === golden,
    number: () => found === Number(golden),
    flag: () => found === (golden === '1'),
    date: () => formatDay(dayOfUs(Number(found))) === golden,
    time: () => found === usOfIso(golden),
  };
  return isSame[kind]() ? 0 : Infinity;
}

function compareCells(
  comparison: GoldenComparison,
  row: { name: string; golden: Record<string, string>; cells: readonly unknown[] | undefined },
  columns: GoldenShape['columns'],
): void {
  for (const [index, [column, kind]] of Object.entries(columns).entries()) {
    const golden = row.golden[column];
    const found = row.cells?.[index];
    comparison.compared += 1;
    const deviation = deviationOf(kind, golden ?? 'no such column', found);
    if (deviation <= (typeof kind === 'object' ? kind.relative : 0)) {
      comparison.deviation = Math.max(comparison.deviation, deviation);
    } else comparison.mismatches.push(`${row.name} ${column}: expected ${golden}, found ${found}`);
  }
}

/**
 * Expects the rows found to be those of a golden file, no more and no fewer: key cells first, then the others in the
 * order of `shape.columns`; times are epoch microseconds. Prints and returns how many values were compared.
 */
export function expectGolden(path: string, shape: GoldenShape, found: readonly unknown[][]): number {
  const width = shape.key.length;
  const byKey = new Map(found.map((row) => [row.slice(0, width).join(' '), row.slice(width)]));
  const goldenRows = readCsv(path);
  const comparison: GoldenComparison = { rows: goldenRows.length, compared: 0, deviation: 0, mismatches: [] };
  for (const golden of goldenRows) {
    const name = shape.key.map((column) => golden[column]).join(' ');
    compareCells(comparison, { name, golden, cells: byKey.get(name) }, shape.columns);
  }
  const { rows, compared, deviation, mismatches } = comparison;
  console.log(
    `${path.replace(/.*\//, 'golden ')}: ${rows} rows, ${compared} values compared, ${mismatches.length} mismatches, ` +
      `largest relative deviation ${deviation.toExponential(1)}`,
  );
  expect(mismatches.slice(0, 10)).toEqual([]);
  expect([found.length, byKey.size]).toEqual([rows, rows]);
  return compared;
}
