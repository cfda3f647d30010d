/** Rows of the EMA grid of one period, as columns: by our rules or by those of the origin. */
import type { Cells } from './cells.js';

/** How a grid is made. Each is a difference that `compare` explains. */
export interface EmaGridRules {
  /** Weight of a day in `ema`. */
  dayAlpha: number;
  /** Between closes `ema_bar` chains from day to day with the day's weight; false: each day is one step from the last close. */
  isChained: boolean;
  /** Rows begin with the first day; false: with the first value. */
  hasRowsBeforeSeed: boolean;
  /** `ema` and its differences are those of `ema_bar`. */
  isBarOnly: boolean;
}

/** The days of a grid: where their rows are placed, their closes, and which close a bar. */
export interface EmaGridDays {
  length: number;
  place: Int32Array;
  tsUs: Float64Array;
  close: Float64Array;
  closings: Uint8Array;
}

/** The core EMA over the closing days: NaN elsewhere and before the first value. NULL is ignored and leaves what was. */
function barEmas({ length, close, closings }: EmaGridDays, period: number): Float64Array {
  const result = new Float64Array(length).fill(Number.NaN);
  const alpha = 2 / (period + 1);
  let [count, sum, value] = [0, 0, Number.NaN];
  for (let row = 0; row < length; row += 1) {
    if (closings[row] !== 1) continue;
    const input = close[row] as number;
    if (!Number.isNaN(value)) value = Number.isNaN(input) ? value : alpha * input + (1 - alpha) * value;
    else if (Number.isNaN(input)) [count, sum] = [0, 0];
    else {
      count += 1;
      sum += input;
      if (count === period) value = sum / period;
    }
    result[row] = value;
  }
  return result;
}

/** A period's rows in the cells. */
export interface EmaGridPlace {
  period: number;
  /** Place of the grid's first day. */
  offset: number;
  tfDays: number;
}

/** Writes the grid of a period. */
export function fillEmaGrid(
  cells: Cells,
  days: EmaGridDays,
  { rules, ...at }: EmaGridPlace & { rules: EmaGridRules },
): void {
  const closes = barEmas(days, at.period);
  const first = closes.findIndex((value) => !Number.isNaN(value));
  if (first < 0 && !rules.hasRowsBeforeSeed) return;
  const { length } = days;
  const [daily, bars] = [
    new Float64Array(length).fill(Number.NaN),
    new Float64Array(length).fill(Number.NaN),
  ];
  if (first >= 0) {
    runBars(bars, closes, { days, rules, first, period: at.period });
    let value = closes[first] as number;
    daily[first] = value;
    for (let row = first + 1; row < length; row += 1) {
      value = rules.dayAlpha * (days.close[row] as number) + (1 - rules.dayAlpha) * value;
      daily[row] = value;
    }
  }
  const from = rules.hasRowsBeforeSeed ? 0 : first;
  const rows = { days, from, closings: days.closings, at };
  writeRows(cells, rows);
  writeValues(cells, rows, { values: rules.isBarOnly ? bars : daily, suffix: '' });
  if (!rules.isBarOnly) writeValues(cells, rows, { values: bars, suffix: '_bar' });
}

/** `ema_bar` from the row of the first value on. */
function runBars(
  bars: Float64Array,
  closes: Float64Array,
  { days, rules, first, period }: { days: EmaGridDays; rules: EmaGridRules; first: number; period: number },
): void {
  const alpha = 2 / (period + 1);
  const weight = rules.isChained ? rules.dayAlpha : alpha;
  let [value, last] = [Number.NaN, Number.NaN];
  for (let row = first; row < days.length; row += 1) {
    const atClose = closes[row] as number;
    if (Number.isNaN(atClose))
      value = weight * (days.close[row] as number) + (1 - weight) * (rules.isChained ? value : last);
    else {
      value = atClose;
      last = atClose;
    }
    bars[row] = value;
  }
}

/** The same of v2: the EMA over `tfDays · period` days, and every tfDays-th row a closing one. */
export function fillRowGrid(cells: Cells, days: EmaGridDays, at: EmaGridPlace): void {
  const span = at.tfDays * at.period;
  if (span > days.length) return;
  const values = barEmas({ ...days, closings: new Uint8Array(days.length).fill(1) }, span);
  const closings = Uint8Array.from(values, (_, row) => Number((row + 1) % at.tfDays === 0));
  const rows = { days, from: span - 1, closings, at };
  writeRows(cells, rows);
  writeValues(cells, rows, { values, suffix: '' });
}

interface Rows {
  days: EmaGridDays;
  /** The first row that is written. */
  from: number;
  closings: Uint8Array;
  at: EmaGridPlace;
}

/** Rows with what they have beside values. */
function writeRows({ present, columns }: Cells, { days, from, closings, at }: Rows): void {
  const { ts, tf_days: tfDays, roll, roll_bar: rollBar } = columns;
  for (let row = from; row < days.length; row += 1) {
    const place = at.offset + (days.place[row] as number);
    present[place] = 1;
    if (ts !== undefined) ts[place] = days.tsUs[row] as number;
    if (tfDays !== undefined) tfDays[place] = at.tfDays;
    const isRoll = closings[row] === 1 ? 0 : 1;
    if (roll !== undefined) roll[place] = isRoll;
    if (rollBar !== undefined) rollBar[place] = isRoll;
  }
}

/** Values with their differences: over all rows, and over the closing ones. */
function writeValues(
  { columns }: Cells,
  { days, from, closings, at }: Rows,
  { values, suffix }: { values: Float64Array; suffix: '' | '_bar' },
): void {
  const column = columns[`ema${suffix}`];
  const [d1, d2] = [columns[`d1${suffix}`], columns[`d2${suffix}`]];
  const [d1Roll, d2Roll] = [columns[`d1_roll${suffix}`], columns[`d2_roll${suffix}`]];
  let [before, firstBefore, closed, firstClosed] = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  for (let row = from; row < days.length; row += 1) {
    const place = at.offset + (days.place[row] as number);
    const value = values[row] as number;
    const first = value - before;
    if (column !== undefined) column[place] = value;
    if (d1Roll !== undefined) d1Roll[place] = first;
    if (d2Roll !== undefined) d2Roll[place] = first - firstBefore;
    [before, firstBefore] = [value, first];
    if (closings[row] !== 1) continue;
    const closing = value - closed;
    if (d1 !== undefined) d1[place] = closing;
    if (d2 !== undefined) d2[place] = closing - firstClosed;
    [closed, firstClosed] = [value, closing];
  }
}
