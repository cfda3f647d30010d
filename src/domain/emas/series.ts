/** EMAs: one step from the carried state and new days to the next state and the points to store (semantics.md §5). */
import { type Day, formatDay } from '../calendar/day.js';
import {
  type Carry,
  closeCarry,
  type EmaPoint,
  type EmaSpec,
  type EmaState,
  openCarry,
  pointOf,
  startRoom,
  takeClose,
  whereOf,
} from './carry.js';
import { advanceEmas, type EmaGroup, seedEma } from './smoothing/ema.js';

export type { EmaPoint, EmaSpec, EmaState } from './carry.js';

/** Version of the arithmetic: stored with every asset; a different one means rebuild. */
export const KERNEL_VERSION = 1;

/** v2 checkpoints are at least this many rows apart: a view recurses over the rows between two of them. */
const MIN_CHECKPOINT_ROWS = 28;

/** How far the EMAs of one asset and alignment have come. */
export interface EmaAssetState {
  watermarkDay: Day;
  /** time_close of that day's 1D bar, epoch microseconds: the `ts` of the views. */
  watermarkTsUs: number;
  /** 1D bars taken in = bar_seq of the newest one. */
  rowCount: number;
  lastClose: number;
  /** Left-to-right sum of the closes of all those bars. */
  closeSum: number;
  kernelVersion: number;
  periods: readonly number[];
}

/** Consecutive daily closes; DayColumns fits. */
export interface CloseColumns {
  length: number;
  day: Int32Array;
  close: Float64Array;
  /** bar_seq of index 0; dense after it. */
  firstBarSeq: number;
}

/** Newly closed bars of one series, by rising barSeq. */
export interface BarCloses {
  length: number;
  barSeq: Int32Array;
  /** Last present day of the bar. */
  day: Int32Array;
  close: Float64Array;
}

export interface EmaInput {
  /** The days after `before`, all of them. */
  days: CloseColumns;
  /** The bars that closed with these days; the first may have closed on before.watermarkDay, because its window's last days turned out missing. Ignored for multi_tf 1D and v2. */
  closes: BarCloses;
  before: EmaAssetState | null;
}

export interface EmaStep {
  state: EmaState | null;
  points: EmaPoint[];
}

/** multi_tf 1D, where every day is a closing day. */
export function isEveryDay({ alignment, tf }: EmaSpec): boolean {
  return alignment === 'multi_tf' && tf === '1D';
}

/** Rows between two v2 checkpoints: the smallest multiple of tfDays that is 28 or more. */
export function checkpointRows(tfDays: number): number {
  return tfDays * Math.ceil(MIN_CHECKPOINT_ROWS / tfDays);
}

/** Refuses a state or days that do not fit together: a hole here would be wrong numbers for ever. */
function checkContinuity(spec: EmaSpec, state: EmaState | null, { days, before }: EmaInput): void {
  const expectedSeq = (before?.rowCount ?? 0) + 1;
  if (days.length > 0 && days.firstBarSeq !== expectedSeq) {
    throw new Error(
      `${whereOf(spec)}: the next 1D bar_seq is ${expectedSeq}, got ${days.firstBarSeq}; rebuild the asset`,
    );
  }
  const inputs = spec.alignment === 'v2' ? (before?.rowCount ?? 0) : (state?.inputCount ?? 0);
  const rowsPerInput = spec.alignment === 'v2' ? spec.tfDays : 1;
  const expected = spec.periods.filter((period) => period * rowsPerInput <= inputs).length;
  const seeded = state?.ema.length ?? 0;
  if (seeded !== expected) {
    throw new Error(
      `${whereOf(spec)}: after ${inputs} inputs ${expected} periods have values, the state has ${seeded}; rebuild the asset`,
    );
  }
}

/** A day as a bar, for multi_tf 1D. */
function closesOfDays({ length, day, close, firstBarSeq }: CloseColumns): BarCloses {
  return { length, barSeq: Int32Array.from({ length }, (_, index) => firstBarSeq + index), day, close };
}

/** Index after the closing day, which must be one of the days from `from` on, or the watermark's before them. */
function endOfClosing(
  carry: Carry,
  { days, closes, before }: EmaInput,
  [from, index]: [number, number],
): number {
  const day = closes.day[index] as number;
  let to = from;
  while (to < days.length && (days.day[to] as number) <= day) to += 1;
  const found = to > 0 ? days.day[to - 1] : before?.watermarkDay;
  const barSeq = closes.barSeq[index] as number;
  if (found !== day || barSeq <= carry.barSeq) {
    throw new Error(
      `${whereOf(carry.spec)}: bar ${barSeq} closed on ${formatDay(day)}, expected a bar after ${carry.barSeq} ` +
        `that closed on the watermark's day or a new one; rebuild the asset`,
    );
  }
  return to;
}

function dailyEmasOf({ ema, dayAlphas, seeded }: Carry): EmaGroup {
  return { values: ema, alphas: dayAlphas, count: seeded };
}

function stepClosings(spec: EmaSpec, state: EmaState | null, given: EmaInput): EmaStep {
  const hasEmaBar = !isEveryDay(spec);
  const input = hasEmaBar ? given : { ...given, closes: closesOfDays(given.days) };
  const { days, closes } = input;
  const carry = openCarry(spec, state);
  const points: EmaPoint[] = [];
  const room = startRoom(carry, closes.length);
  const advanceTo = (from: number, to: number): void =>
    advanceEmas(dailyEmasOf(carry), { values: days.close, from, to });
  let at = 0;
  for (let index = 0; index < closes.length; index += 1) {
    const to = endOfClosing(carry, input, [at, index]);
    advanceTo(at, to);
    at = to;
    carry.barSeq = closes.barSeq[index] as number;
    carry.lastCloseDay = closes.day[index] as number;
    takeClose(carry, closes.close[index] as number);
    if (carry.seeded > 0) points.push(pointOf(carry, hasEmaBar, room));
  }
  advanceTo(at, days.length);
  return { state: carry.inputCount === 0 ? null : closeCarry(carry), points };
}

/** v2: the inputs are the 1D rows, the EMA's period is H = tfDays·p, and every row divisible by tfDays is a closing day. */
function stepCheckpoints(spec: EmaSpec, state: EmaState | null, { days, before }: EmaInput): EmaStep {
  const { tfDays, periods } = spec;
  const every = checkpointRows(tfDays);
  const carry = openCarry(spec, state);
  const points: EmaPoint[] = [];
  const room = startRoom(carry, Math.ceil(days.length / every));
  const rowsBefore = before?.rowCount ?? 0;
  const end = rowsBefore + days.length;
  let sum = before?.closeSum ?? 0;
  let row = rowsBefore;
  while (row < end) {
    const seedRow = tfDays * (periods[carry.seeded] ?? Number.POSITIVE_INFINITY);
    const next = Math.min(end, seedRow, row - (row % every) + every);
    const inputs = { values: days.close, from: row - rowsBefore, to: next - rowsBefore };
    advanceEmas(dailyEmasOf(carry), inputs);
    for (let index = inputs.from; index < inputs.to; index += 1) sum += days.close[index] as number;
    row = next;
    if (row === seedRow) {
      carry.ema[carry.seeded] = seedEma(sum, seedRow);
      carry.seeded += 1;
    }
    // The seed's row is stored too: the next checkpoint may come later, and the daily rows begin here.
    if (carry.seeded > 0 && (row === seedRow || row % every === 0)) {
      carry.barSeq = row / tfDays;
      carry.lastCloseDay = days.day[inputs.to - 1] as number;
      points.push(pointOf(carry, false, room));
    }
  }
  carry.inputCount = end;
  return { state: carry.seeded === 0 ? null : closeCarry(carry), points };
}

/**
 * Takes new days and the bars that closed with them into one series. `state` null: the series has no input yet (v2: no
 * value yet); `before` null: the days are the asset's first.
 *
 * Points: one per closing day on which some period has a value. v2 instead has checkpoints: at rows divisible by
 * checkpointRows(tfDays) and at each row H = tfDays·p where a period begins, barSeq = row / tfDays.
 * Pure: the arguments are not changed. Taking days in any division gives the same points and state, bit for bit.
 * Throws when days, closes and states do not follow on each other.
 */
export function stepEma(spec: EmaSpec, state: EmaState | null, input: EmaInput): EmaStep {
  checkContinuity(spec, state, input);
  return spec.alignment === 'v2' ? stepCheckpoints(spec, state, input) : stepClosings(spec, state, input);
}

/** The state of the asset after new days: those that stepEma took into its series. Throws when it has no day at all. */
export function stepEmaAsset(
  before: EmaAssetState | null,
  days: CloseColumns & { timeCloseUs: Float64Array },
  periods: readonly number[],
): EmaAssetState {
  const last = days.length - 1;
  if (last < 0) {
    if (before === null) throw new Error('an asset without a day has no EMA state');
    return before;
  }
  let closeSum = before?.closeSum ?? 0;
  for (let index = 0; index < days.length; index += 1) closeSum += days.close[index] as number;
  return {
    watermarkDay: days.day[last] as number,
    watermarkTsUs: days.timeCloseUs[last] as number,
    rowCount: days.firstBarSeq + last,
    lastClose: days.close[last] as number,
    closeSum,
    kernelVersion: KERNEL_VERSION,
    periods: [...periods],
  };
}
