/** Takes bars of one series or of several into a set of indicators. */
import { takeDoubles } from '../text/doubles.js';
import {
  BAR_FIELDS,
  type BarColumns,
  type BarField,
  type IndicatorStop,
  type SeriesStep,
} from './parts/kind.js';
import type { IndicatorBar } from './series.js';
import { type IndicatorSet, lengthOfState } from './set.js';

/** What a series continues from. */
export interface SetState {
  /** Bars taken in. */
  position: number;
  numbers: Float64Array;
}

/** What bars did to a set. */
export interface SetAdvance {
  state: SetState;
  /** For each of the closed bars the outputs that have a value by then, in the order of the set. NaN: it has none there. */
  values: Float64Array[];
  /** The same as if the open bar closed now; null: there is no open bar. */
  preview: Float64Array | null;
  /** Indicators that have stopped in this series, by name. */
  stops: ReadonlyMap<string, IndicatorStop>;
}

/** How many columns have a value at the bar of a position. */
function countOutputs({ firstAt }: IndicatorSet, position: number): number {
  let count = firstAt.length;
  while (count > 0 && (firstAt[count - 1] as number) > position) count -= 1;
  return count;
}

/** Further bars of a series. */
export interface SetInput {
  /** null: they are the first. */
  before: SetState | null;
  closed: BarColumns;
  open: IndicatorBar | null;
}

/**
 * Takes further closed bars of each series into a set, and looks at the open one.
 * Taking bars in any division gives the same values and state, bit for bit, and so does taking series together.
 * Throws when a state has not the length that its position asks for.
 */
export function advanceSet(set: IndicatorSet, inputs: readonly SetInput[]): SetAdvance[] {
  const works = inputs.map((input) => openWork(set, input));
  stepAll(
    set,
    works.filter(({ joined: { from, to } }) => to > from).map((work) => ({ work, isOpen: false })),
  );
  const closed = works.map((work) => closeWork(set, work));
  stepAll(
    set,
    works.filter(({ open }) => open !== null).map((work) => ({ work, isOpen: true })),
  );
  return works.map((work, index) => {
    const { state, values } = closed[index] as ReturnType<typeof closeWork>;
    const { columns, joined, open, stops } = work;
    const at = { at: joined.to, position: state.position };
    return { state, values, stops, preview: open === null ? null : valuesAt(set, columns, at) };
  });
}

/** One series on its way through a set; `own` and `columns` are changed. */
interface Work {
  before: SetState | null;
  position: number;
  joined: Joined;
  open: IndicatorBar | null;
  own: Float64Array;
  columns: Columns;
  stops: Map<string, IndicatorStop>;
}

function openWork(set: IndicatorSet, { before, closed, open }: SetInput): Work {
  const position = before?.position ?? 0;
  if (before !== null && before.numbers.length !== lengthOfState(set, position))
    throw new Error(
      `state of ${set.indicators.length} indicators: expected ${lengthOfState(set, position)} numbers after ${position} bars, found ${before.numbers.length}; rebuild the series`,
    );
  const joined = joinBars(set, before, { closed, open });
  const own = before === null ? new Float64Array(set.ownLength) : before.numbers.slice(0, set.ownLength);
  const columns = blankColumns(set, joined.from, joined.bars.length);
  return { before, position, joined, open, own, columns, stops: new Map() };
}

/** The values at the closed bars, and the state after them. */
function closeWork(
  set: IndicatorSet,
  { before, position, joined, own, columns }: Work,
): Pick<SetAdvance, 'state' | 'values'> {
  const { bars, from, to } = joined;
  if (before !== null && to === from) return { state: before, values: [] };
  const values: Float64Array[] = [];
  for (let at = from; at < to; at += 1)
    values.push(valuesAt(set, columns, { at, position: position + at - from }));
  const after = position + to - from;
  return {
    state: { position: after, numbers: closeState(set, own, { bars, to, position: after }) },
    values,
  };
}

/** The bars looked back at, then the closed ones in [from, to), then the open one. */
interface Joined {
  bars: BarColumns;
  from: number;
  to: number;
}

const NONE = new Float64Array(0);

function joinBars(
  set: IndicatorSet,
  before: SetState | null,
  { closed, open }: { closed: BarColumns; open: IndicatorBar | null },
): Joined {
  const position = before?.position ?? 0;
  const from = Math.max(0, ...BAR_FIELDS.map((field) => Math.min(position, set.depths[field])));
  const to = from + closed.length;
  const length = to + (open === null ? 0 : 1);
  let read = set.ownLength;
  const columnOf = (field: BarField): Float64Array => {
    const depth = set.depths[field];
    if (depth < 0) return NONE;
    const column = takeDoubles(length);
    const kept = Math.min(position, depth);
    if (before !== null) column.set(before.numbers.subarray(read, read + kept), from - kept);
    read += kept;
    column.set(closed[field].subarray(0, closed.length), from);
    if (open !== null) column[to] = open[field] ?? Number.NaN;
    // An unknown volume counts 0.
    if (field === 'volume')
      for (let at = from; at < length; at += 1) if (Number.isNaN(column[at])) column[at] = 0;
    return column;
  };
  const bars: BarColumns = {
    length,
    open: columnOf('open'),
    high: columnOf('high'),
    low: columnOf('low'),
    close: columnOf('close'),
    volume: columnOf('volume'),
  };
  return { bars, from, to };
}

/** A column for each output and part, by indicator, without values from `from` on. */
type Columns = readonly (readonly Float64Array[])[];

function blankColumns({ indicators }: IndicatorSet, from: number, length: number): Columns {
  return indicators.map(({ outputs, parts }) =>
    [...outputs, ...parts].map(() => takeDoubles(length).fill(Number.NaN, from)),
  );
}

/** Steps every indicator over the closed bars of each series, or over its open one. */
function stepAll({ indicators }: IndicatorSet, parts: readonly { work: Work; isOpen: boolean }[]): void {
  let at = 0;
  for (const [index, indicator] of indicators.entries()) {
    const { length } = indicator.kind.state;
    const steps = parts.map(({ work: { position, joined, own, columns }, isOpen }): SeriesStep => {
      const { bars, from, to } = joined;
      return {
        state: own.subarray(at, at + length),
        span: isOpen
          ? { bars, from: to, to: to + 1, position: position + to - from }
          : { bars, from, to, position },
        values: columns[index] ?? [],
      };
    });
    const stops = indicator.stepMany?.(steps);
    if (stops === undefined) for (const { state, span, values } of steps) indicator.step(state, span, values);
    else
      for (const [part, { work }] of parts.entries()) {
        const stop = stops[part] ?? null;
        // What is known of a stop is known when it happens.
        if (stop !== null && !work.stops.has(indicator.name)) work.stops.set(indicator.name, stop);
      }
    at += length;
  }
}

/** Where a column of the set is from: which indicator's, and which of its columns. */
const places = new WeakMap<IndicatorSet, readonly (readonly [indicator: number, output: number])[]>();

function placesOf(set: IndicatorSet): readonly (readonly [indicator: number, output: number])[] {
  const known = places.get(set);
  if (known !== undefined) return known;
  const byName = new Map(
    set.indicators.flatMap(({ outputs, parts }, indicator) =>
      [...outputs, ...parts].map(({ name }, output) => [name, [indicator, output] as const] as const),
    ),
  );
  const made = set.columns.map((name) => byName.get(name) ?? ([0, 0] as const));
  places.set(set, made);
  return made;
}

function valuesAt(
  set: IndicatorSet,
  columns: Columns,
  { at, position }: { at: number; position: number },
): Float64Array {
  const ofOutputs = placesOf(set);
  const values = new Float64Array(countOutputs(set, position));
  for (let index = 0; index < values.length; index += 1) {
    const [indicator, output] = ofOutputs[index] as readonly [number, number];
    values[index] = columns[indicator]?.[output]?.[at] ?? Number.NaN;
  }
  return values;
}

function closeState(
  set: IndicatorSet,
  own: Float64Array,
  { bars, to, position }: { bars: BarColumns; to: number; position: number },
): Float64Array {
  const numbers = new Float64Array(lengthOfState(set, position));
  numbers.set(own);
  let at = set.ownLength;
  for (const field of BAR_FIELDS) {
    const kept = Math.max(0, Math.min(position, set.depths[field]));
    numbers.set(bars[field].subarray(to - kept, to), at);
    at += kept;
  }
  return numbers;
}
