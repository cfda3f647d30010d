/**
 * Indicators over a series: all at once, or from a state and new bars, in any division, to the same bits.
 *
 * A state is numbers, to be kept wherever numbers can be: [version of the kind, bars taken in, the kind's own state, then
 * field by field the bars that are still looked back at]. It is not changed once it is given.
 */

import type { Indicator } from './name.js';
import type { BarColumns } from './parts/kind.js';

const HEAD = 2;

/** What bars did to an indicator. */
export interface IndicatorAdvance {
  state: Float64Array;
  /** One column for each of the indicator's outputs, one value for each of the bars; NaN is none. */
  values: Float64Array[];
}

/** A bar as an indicator reads it. Without a volume: null, or not there at all. */
export interface IndicatorBar {
  open: number;
  high: number;
  low: number;
  close: number;
  volume?: number | null;
}

/** Bars as columns. An unknown volume becomes NaN. */
export function barColumnsOf(bars: readonly IndicatorBar[]): BarColumns {
  const { length } = bars;
  const columnOf = (read: (bar: IndicatorBar) => number): Float64Array => {
    const column = new Float64Array(length);
    for (const [index, bar] of bars.entries()) column[index] = read(bar);
    return column;
  };
  return {
    length,
    open: columnOf(({ open }) => open),
    high: columnOf(({ high }) => high),
    low: columnOf(({ low }) => low),
    close: columnOf(({ close }) => close),
    volume: columnOf(({ volume }) => volume ?? Number.NaN),
  };
}

/** The state as it is given to a step, in parts; `tail` are the bars looked back at. */
interface Opened {
  position: number;
  own: Float64Array;
  tail: BarColumns;
}

/** How many bars a state of `position` bars still has. */
function tailLengthOf({ lookback }: Indicator, position: number): number {
  return Math.min(lookback, position);
}

/** Throws when the numbers are of another version, or too few or too many: then the series is to be rebuilt. */
function openState(indicator: Indicator, state: Float64Array | null): Opened {
  const { kind, name } = indicator;
  const position = state?.[1] ?? 0;
  const tailLength = tailLengthOf(indicator, position);
  const own = HEAD + kind.state.length;
  if (state !== null) {
    const expected = own + kind.fields.length * tailLength;
    if (state[0] !== kind.version) {
      throw new Error(
        `state of ${name}: expected version ${kind.version}, found ${state[0] ?? 'no number'}; rebuild the series`,
      );
    }
    if (!Number.isInteger(position) || position < 0 || state.length !== expected) {
      throw new Error(
        `state of ${name}: expected ${expected} numbers after ${position} bars, found ${state.length}; rebuild the series`,
      );
    }
  }
  return {
    position,
    own: state === null ? new Float64Array(kind.state.length) : state.slice(HEAD, own),
    tail: columnsOf(indicator, tailLength, (index) => {
      const from = own + index * tailLength;
      return state === null ? NONE : state.subarray(from, from + tailLength);
    }),
  };
}

const NONE = new Float64Array(0);

/** Columns of the fields that an indicator reads, given by their number in its list; nothing in the others. */
function columnsOf(
  { kind }: Indicator,
  length: number,
  columnOf: (index: number) => Float64Array,
): BarColumns {
  const columns: { -readonly [key in keyof BarColumns]: BarColumns[key] } = {
    length,
    open: NONE,
    high: NONE,
    low: NONE,
    close: NONE,
    volume: NONE,
  };
  for (const [index, field] of kind.fields.entries()) columns[field] = columnOf(index);
  return columns;
}

/** What an indicator reads of bars: those looked back at, then the new ones. An unknown volume counts 0. */
function joinBars(indicator: Indicator, tail: BarColumns, bars: BarColumns): BarColumns {
  const length = tail.length + bars.length;
  return columnsOf(indicator, length, (index) => {
    const field = indicator.kind.fields[index] ?? 'close';
    const given = bars[field].subarray(0, bars.length);
    const isAsItIs = tail.length === 0 && !(field === 'volume' && given.includes(Number.NaN));
    if (isAsItIs) return given;
    const joined = new Float64Array(length);
    joined.set(tail[field]);
    joined.set(given, tail.length);
    return field === 'volume' ? joined.map((volume) => (Number.isNaN(volume) ? 0 : volume)) : joined;
  });
}

/**
 * Takes further bars of its series into an indicator. `state` null: they are the first.
 * Pure. Taking bars in any division gives the same values and state, bit for bit.
 * Prices and volumes from 1e-100 to 1e100 give finite values.
 * Throws when the state is of another version, or its length is not that of a state of this indicator.
 */
export function advanceIndicator(
  indicator: Indicator,
  state: Float64Array | null,
  bars: BarColumns,
): IndicatorAdvance {
  const { opened, values } = takeBars(indicator, state, bars);
  return { state: closeState(indicator, opened), values };
}

/** The values of further bars, and what a state of them is made of. */
function takeBars(
  indicator: Indicator,
  state: Float64Array | null,
  bars: BarColumns,
): { opened: Opened; values: Float64Array[] } {
  const { position, own, tail } = openState(indicator, state);
  const joined = joinBars(indicator, tail, bars);
  const { outputs, parts } = indicator;
  const columns = [...outputs, ...parts].map(({ firstAt }) =>
    new Float64Array(joined.length).fill(Number.NaN, 0, Math.max(0, tail.length + firstAt - position)),
  );
  indicator.step(own, { bars: joined, from: tail.length, to: joined.length, position }, columns);
  const values = columns.slice(0, outputs.length).map((column) => column.subarray(tail.length));
  return { opened: { position: position + bars.length, own, tail: joined }, values };
}

/** The numbers of a state; of the bars in `tail` the newest. */
function closeState(indicator: Indicator, { position, own, tail }: Opened): Float64Array {
  const { fields, version } = indicator.kind;
  const tailLength = tailLengthOf(indicator, position);
  const state = new Float64Array(HEAD + own.length + fields.length * tailLength);
  state[0] = version;
  state[1] = position;
  state.set(own, HEAD);
  for (const [index, field] of fields.entries()) {
    const from = HEAD + own.length + index * tailLength;
    state.set(tail[field].subarray(tail.length - tailLength, tail.length), from);
  }
  return state;
}

/**
 * What the values would be if a bar closed as it is now, by output; NaN is none. The state stays as it is.
 * Throws when the state is of another version, or its length is not that of a state of this indicator.
 */
export function previewIndicator(
  indicator: Indicator,
  state: Float64Array | null,
  bar: IndicatorBar,
): number[] {
  return takeBars(indicator, state, barColumnsOf([bar])).values.map(([value]) => value ?? Number.NaN);
}

/** All values of indicators over a whole series, by the name of each output; one value for each of the bars, NaN is none. */
export function computeIndicators(
  indicators: readonly Indicator[],
  bars: BarColumns,
): Map<string, Float64Array> {
  return new Map(
    indicators.flatMap((indicator) => {
      const { values } = takeBars(indicator, null, bars);
      return indicator.outputs.map(({ name }, index) => [name, values[index] ?? NONE] as const);
    }),
  );
}
