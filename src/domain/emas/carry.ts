/** What one EMA series carries from day to day, and how a close changes it. */
import type { Day } from '../calendar/day.js';
import type { Alignment } from '../calendar/timeframe.js';
import { takeDoubles } from '../text/doubles.js';
import { alphaOf, nextEma, seedEma } from './smoothing/ema.js';

/** One EMA series: a timeframe of an alignment with all its periods. */
export interface EmaSpec {
  alignment: Alignment;
  tf: string;
  /** Nominal days of the timeframe. */
  tfDays: number;
  /** Rising. */
  periods: readonly number[];
}

/** The carry of one series. The arrays have one element per period that has a value, in the order of the periods. */
export interface EmaState {
  /** Closed bars so far; v2: 1D rows so far. */
  inputCount: number;
  /** bar_seq of the newest closed bar; v2: of the newest point. */
  barSeq: number;
  /** Its day. */
  lastCloseDay: Day;
  /** Left-to-right sum of the closes of the closed bars, from which later periods are seeded; v2: 0, the asset has it. */
  closeSum: number;
  /** Daily ema of the watermark's day. */
  ema: Float64Array;
  /** ema_bar of the newest closing day; v2: empty. */
  emaBar: Float64Array;
}

/** What is stored for one closing day of a series (v2: for one checkpoint). */
export interface EmaPoint {
  barSeq: number;
  day: Day;
  ema: Float64Array;
  /** null: equal to ema (multi_tf 1D) or not defined (v2). */
  emaBar: Float64Array | null;
}

/** A series in motion: the state as working copies with room for every period. */
export interface Carry {
  spec: EmaSpec;
  /** Weights of ema_bar (inputs are bars) and of ema (inputs are days). */
  barAlphas: Float64Array;
  dayAlphas: Float64Array;
  seeded: number;
  inputCount: number;
  barSeq: number;
  lastCloseDay: Day;
  closeSum: number;
  ema: Float64Array;
  emaBar: Float64Array;
}

/** The series' name, for errors. */
export function whereOf({ alignment, tf }: EmaSpec): string {
  return `EMAs of ${alignment} ${tf}`;
}

/** Weights are the same for every asset: they are kept as long as the list of periods is. */
const keptAlphas = new WeakMap<readonly number[], Map<number, Float64Array>>();

function alphasOf(periods: readonly number[], tfDays: number): Float64Array {
  let ofPeriods = keptAlphas.get(periods);
  if (ofPeriods === undefined) {
    ofPeriods = new Map();
    keptAlphas.set(periods, ofPeriods);
  }
  let alphas = ofPeriods.get(tfDays);
  if (alphas === undefined) {
    alphas = Float64Array.from(periods, (period) => alphaOf(tfDays * period));
    ofPeriods.set(tfDays, alphas);
  }
  return alphas;
}

const NO_VALUES = new Float64Array(0);

/** Working copies of a state; null: nothing taken in yet. */
export function openCarry(spec: EmaSpec, state: EmaState | null): Carry {
  const { periods, tfDays } = spec;
  const carry: Carry = {
    spec,
    barAlphas: alphasOf(periods, 1),
    dayAlphas: alphasOf(periods, tfDays),
    seeded: state?.ema.length ?? 0,
    inputCount: state?.inputCount ?? 0,
    barSeq: state?.barSeq ?? 0,
    lastCloseDay: state?.lastCloseDay ?? Number.NaN,
    closeSum: state?.closeSum ?? 0,
    ema: takeDoubles(periods.length),
    emaBar: spec.alignment === 'v2' ? NO_VALUES : takeDoubles(periods.length),
  };
  if (state !== null) {
    carry.ema.set(state.ema);
    carry.emaBar.set(state.emaBar);
  }
  return carry;
}

/** The working copies as a state, cut to the periods that have a value. They are its own from now on: the carry is over. */
export function closeCarry(carry: Carry): EmaState {
  const { spec, inputCount, barSeq, lastCloseDay, closeSum, seeded, ema, emaBar } = carry;
  return {
    inputCount,
    barSeq,
    lastCloseDay,
    closeSum,
    ema: firstOf(ema, seeded),
    emaBar: spec.alignment === 'v2' ? emaBar : firstOf(emaBar, seeded),
  };
}

/** The first values. All of them, as most series have them, are the array itself: a view of it costs more than a step. */
function firstOf(values: Float64Array, count: number): Float64Array {
  return count === values.length ? values : values.subarray(0, count);
}

/** Room for the values of many points: one allocation instead of two for each point. */
export interface PointRoom {
  values: Float64Array;
  used: number;
  /** Of the next allocation: the first one is made when the first point comes. */
  doubles: number;
}

const ROOM_POINTS = 128;

/** Room of its own for a series' points; `points` is a guess at how many will come. */
export function startRoom({ spec }: Carry, points: number): PointRoom {
  return { values: NO_VALUES, used: 0, doubles: 2 * spec.periods.length * Math.min(points, ROOM_POINTS) };
}

/** What is stored of the series as it stands. */
export function pointOf(carry: Carry, hasEmaBar: boolean, room: PointRoom): EmaPoint {
  return {
    barSeq: carry.barSeq,
    day: carry.lastCloseDay,
    ema: keepValues(room, carry.ema, carry.seeded),
    emaBar: hasEmaBar ? keepValues(room, carry.emaBar, carry.seeded) : null,
  };
}

function keepValues(room: PointRoom, values: Float64Array, count: number): Float64Array {
  if (room.used + count > room.values.length) {
    room.values = new Float64Array(Math.max(room.doubles, 2 * count));
    room.used = 0;
  }
  const kept = room.values.subarray(room.used, room.used + count);
  for (let k = 0; k < count; k += 1) kept[k] = values[k] as number;
  room.used += count;
  return kept;
}

/** Takes the close of a bar: ema_bar moves, and the period that has its p-th input now is seeded, ema with it. */
export function takeClose(carry: Carry, close: number): void {
  const { spec, barAlphas, ema, emaBar } = carry;
  carry.inputCount += 1;
  carry.closeSum += close;
  for (let k = 0; k < carry.seeded; k += 1) {
    emaBar[k] = nextEma(barAlphas[k] as number, close, emaBar[k] as number);
  }
  if (spec.periods[carry.seeded] === carry.inputCount) {
    const seed = seedEma(carry.closeSum, carry.inputCount);
    ema[carry.seeded] = seed;
    emaBar[carry.seeded] = seed;
    carry.seeded += 1;
  }
}
