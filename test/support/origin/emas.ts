/** EMAs of the replaced system on its grid of days: loops over lists. Written plainly, apart from src. */
import { type Cells, type GivenRow, iso } from './days.js';

/** Core: the mean of the first p values, then a step each. */
function ema(values: readonly number[], period: number): (number | null)[] {
  let value: number | null = null;
  return values.map((input, index) => {
    if (index === period - 1) value = values.slice(0, period).reduce((sum, each) => sum + each, 0) / period;
    else if (value !== null) value = (2 / (period + 1)) * input + (1 - 2 / (period + 1)) * value;
    return value;
  });
}

export interface EmaOrder {
  alignment: string;
  tf: string;
  tfDays: number;
  period: number;
  isHead: boolean;
}

/** `closing`: times of the rows that close a bar. */
export function emaRows(order: EmaOrder, rows: readonly GivenRow[], closing: ReadonlySet<number>): Cells[] {
  const { alignment, tfDays, period, isHead } = order;
  if (alignment === 'v2') return rowsOfV2(order, rows);
  const isAnchored = alignment.startsWith('cal_anchor') && !isHead;
  const isChained = alignment.startsWith('cal') && !isHead;
  const alpha = 2 / (period + 1);
  const dayAlpha = isAnchored ? 1 - (1 - alpha) ** (1 / tfDays) : 2 / (tfDays * period + 1);
  const closes = rows.filter(({ ts }) => closing.has(ts));
  const values = ema(
    closes.map(({ close }) => Number(close)),
    period,
  );
  const atClose = new Map(closes.map(({ ts }, index) => [ts, values[index] ?? null]));
  const lastClose = closes.at(-1)?.ts ?? 0;
  let daily: number | null = null;
  let bar: number | null = null;
  let last: number | null = null;
  const grid: Cells[] = [];
  for (const { ts, close } of rows) {
    const snapped = atClose.get(ts) ?? null;
    if (snapped !== null) [bar, last] = [snapped, snapped];
    else if (bar !== null && last !== null) {
      const weight: number = isChained ? dayAlpha : alpha;
      bar = weight * Number(close) + (1 - weight) * (isChained ? bar : last);
    }
    if (daily !== null) daily = dayAlpha * Number(close) + (1 - dayAlpha) * daily;
    else daily = snapped;
    if (bar === null && !isAnchored) continue;
    const roll = !closing.has(ts);
    grid.push({ ts: iso(ts), period, tf_days: tfDays, roll, roll_bar: roll, ema: daily, ema_bar: bar });
    if (isHead) (grid.at(-1) as Cells).is_partial_end = ts > lastClose;
  }
  if (isHead) return grid;
  if (alignment === 'multi_tf') for (const row of grid) row.ema = row.ema_bar;
  addDifferences(grid);
  return grid;
}

function rowsOfV2({ tfDays, period }: EmaOrder, rows: readonly GivenRow[]): Cells[] {
  if (Math.floor(rows.length / tfDays) < 3 * period) return [];
  const values = ema(
    rows.map(({ close }) => Number(close)),
    tfDays * period,
  );
  const grid = rows.map(({ ts }, index) => ({
    ...{ ts: iso(ts), period, tf_days: tfDays, roll: (index + 1) % tfDays !== 0, ema: values[index] },
  }));
  const shown = grid.slice(tfDays * period - 1);
  addDifferences(shown);
  return shown;
}

function addDifferences(grid: readonly Cells[]): void {
  for (const suffix of ['', '_bar']) {
    difference(grid, `ema${suffix}`, [`d1_roll${suffix}`, `d2_roll${suffix}`]);
    const closing = grid.filter(({ roll }) => roll === false);
    difference(closing, `ema${suffix}`, [`d1${suffix}`, `d2${suffix}`]);
  }
}

function difference(rows: readonly Cells[], value: string, [first, second]: [string, string]): void {
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    if (row[value] == null || before?.[value] == null) continue;
    row[first] = Number(row[value]) - Number(before[value]);
    if (before[first] !== undefined) row[second] = Number(row[first]) - Number(before[first]);
  }
}
