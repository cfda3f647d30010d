/** Highs and lows of the origin's bars with their times, as its builders run them over the rows of a bar. */

/** Rows of a bar and what their extreme is taken of. Times: epoch microseconds; NaN is NULL. */
export interface ExtremeInput {
  values: Float64Array;
  timesUs: Float64Array;
  /** Stands for a time that is NULL. */
  tsUs: Float64Array;
  from: number;
  to: number;
  sign: 1 | -1;
}

/** The extreme after each row, and its time; from 0. */
export interface Extremes {
  value: Float64Array;
  timeUs: Float64Array;
}

/** The running extreme: NULL on a row that has none, and not forgotten behind it. */
function runExtreme({ values, from, to, sign }: ExtremeInput): Float64Array {
  const running = new Float64Array(to - from);
  let best = Number.NaN;
  for (let row = from; row < to; row += 1) {
    const value = values[row] as number;
    if (!Number.isNaN(value) && !(sign * value <= sign * best)) best = value;
    running[row - from] = Number.isNaN(value) ? Number.NaN : best;
  }
  return running;
}

function timeAt({ timesUs, tsUs }: ExtremeInput, row: number): number {
  const time = timesUs[row] as number;
  return Number.isNaN(time) ? (tsUs[row] as number) : time;
}

/** Whether a row counts as a new extreme: the first one, one behind a NULL, or one that moved; null: not to be said. */
function isNewAt(running: Float64Array, at: number): boolean | null {
  const [before, now] = [running[at - 1] ?? Number.NaN, running[at] as number];
  if (Number.isNaN(before)) return true;
  return Number.isNaN(now) ? null : now !== before;
}

/** The time moves with each new extreme and stays else. */
export function runExtremes(input: ExtremeInput): Extremes {
  const value = runExtreme(input);
  const timeUs = new Float64Array(value.length);
  let time = Number.NaN;
  for (let at = 0; at < value.length; at += 1) {
    if (isNewAt(value, at) === true) time = timeAt(input, input.from + at);
    timeUs[at] = time;
  }
  return { value, timeUs };
}

/** The same where the earliest time of all rows that tie counts, later ones included. */
export function runEarliestExtremes(input: ExtremeInput): Extremes {
  const value = runExtreme(input);
  const timeUs = new Float64Array(value.length);
  let time = Number.NaN;
  for (let at = 0; at < value.length; at += 1) {
    if (isNewAt(value, at) === true) {
      const earliest = earliestOf(input, value, at);
      if (!Number.isNaN(earliest)) time = earliest;
    }
    timeUs[at] = time;
  }
  return { value, timeUs };
}

function earliestOf(input: ExtremeInput, value: Float64Array, at: number): number {
  let earliest = Number.NaN;
  for (let next = at; next < value.length; next += 1) {
    if (next > at && isNewAt(value, next) === true) break;
    const row = input.from + next;
    if (Number.isNaN(value[next]) || input.values[row] !== value[next]) continue;
    const time = timeAt(input, row);
    if (!(time >= earliest)) earliest = time;
  }
  return earliest;
}

/** The first row that reached the extreme; NULLs are ignored. */
export function runFirstExtremes({ values, timesUs, from, to, sign }: ExtremeInput): Extremes {
  const result = { value: new Float64Array(to - from), timeUs: new Float64Array(to - from) };
  let [best, time] = [Number.NaN, Number.NaN];
  for (let row = from; row < to; row += 1) {
    const value = values[row] as number;
    if (!Number.isNaN(value) && !(sign * value <= sign * best)) {
      best = value;
      time = timesUs[row] as number;
    }
    result.value[row - from] = best;
    result.timeUs[row - from] = time;
  }
  return result;
}

/** What a bar shows after one of its rows. */
export interface Shown {
  timeOpenUs: number;
  timeCloseUs: number;
  timeLowUs: number;
  open: number;
  high: number;
  low: number;
  close: number;
}

/** What its writer does to each row last: a low whose time lies behind the close is dropped, and open and close lie between low and high. */
export function clamp(row: Shown): void {
  const given = [row.open, row.close].filter((value) => !Number.isNaN(value));
  if (given.length === 0) return;
  const [least, most] = [Math.min(...given), Math.max(...given)];
  const timeOfLow = row.open <= row.close ? row.timeOpenUs : row.timeCloseUs;
  if (row.timeLowUs > row.timeCloseUs) {
    row.low = least;
    row.timeLowUs = timeOfLow;
  }
  if (!(row.high >= most)) row.high = most;
  if (!(row.low <= least)) {
    row.low = least;
    row.timeLowUs = timeOfLow;
  }
}
