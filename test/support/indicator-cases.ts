/** Generated cases for the laws of indicators: kinds with small numbers, series of bars, and their division. */
import fc from 'fast-check';
import { INDICATOR_KINDS } from '../../src/domain/indicators/index.js';
import type {
  BarColumns,
  IndicatorKind,
  IndicatorParameter,
} from '../../src/domain/indicators/parts/kind.js';
import type { IndicatorBar } from '../../src/domain/indicators/series.js';
import type { IndicatorSet } from '../../src/domain/indicators/set.js';
import { randomOf } from './histories.js';

/** Small numbers, so that an indicator begins, and forgets, within a short series. */
function numbers({ least, isWhole }: IndicatorParameter): fc.Arbitrary<number> {
  return isWhole ? fc.integer({ min: least, max: least + 8 }) : fc.constantFrom(0.5, 1, 2, 2.25);
}

/** Names of indicators of a kind, with any small numbers that it takes. */
export function namesOf(kind: IndicatorKind): fc.Arbitrary<string> {
  return fc
    .tuple(...kind.parameters.map(numbers))
    .filter((parameters) => (kind.refuse?.(...parameters) ?? null) === null)
    .map((parameters) => [kind.name, ...parameters].join('_'));
}

/** The name of one indicator of every kind. */
export const everyKind: fc.Arbitrary<string[]> = fc.tuple(...INDICATOR_KINDS.map(namesOf));

export interface BarsShape {
  seed: number;
  length: number;
  /** How prices move: freely, on a coarse grid so that they tie, not at all for long, or by powers of ten. */
  manner: 'free' | 'ties' | 'flat' | 'extreme';
}

/** Shapes of series; `manners` are those that they may have. */
export function barsShapes(
  manners: readonly BarsShape['manner'][] = ['free', 'ties', 'flat', 'extreme'],
): fc.Arbitrary<BarsShape> {
  return fc.record({
    seed: fc.integer({ min: 1, max: 0x7fffffff }),
    length: fc.integer({ min: 1, max: 90 }),
    manner: fc.constantFrom(...manners),
  });
}

const DRAWS: Readonly<Record<BarsShape['manner'], (random: () => number, at: number) => number>> = {
  free: (random) => 1 + 100 * random(),
  ties: (random) => 1 + Math.floor(4 * random()),
  flat: (random, at) => (at % 40 < 25 ? 0.1 : 1 + random()),
  extreme: (random) => 10 ** (-100 + 200 * random()),
};

/** The bars of a shape; every fifth one without a volume, the others with volumes of any size. */
export function barsOf({ seed, length, manner }: BarsShape): IndicatorBar[] {
  const random = randomOf(seed);
  return Array.from({ length }, (_, at) => {
    const draw = () => DRAWS[manner](random, at);
    const [open, close] = [draw(), draw()];
    const volume = at % 5 === 3 ? null : random() * 10 ** Math.floor(random() * 12);
    return { open, close, high: Math.max(open, close, draw()), low: Math.min(open, close, draw()), volume };
  });
}

/** Where a series is divided, in 90ths of its length. */
export const divisions: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 8 });

/** The ends of the parts of a divided series: rising, some of them equal, the last its length. */
export function endsOf(division: readonly number[], length: number): number[] {
  return [...division.map((part) => Math.floor((part * length) / 90)).sort((a, b) => a - b), length];
}

/** The bars [from, to) of columns. */
export function partOf(bars: BarColumns, from: number, to: number): BarColumns {
  const part = (values: Float64Array) => values.subarray(from, to);
  const { open, high, low, close, volume } = bars;
  return {
    length: to - from,
    open: part(open),
    high: part(high),
    low: part(low),
    close: part(close),
    volume: part(volume),
  };
}

/** What views make of the values of a set at one bar, in the order of its outputs; NaN: none. */
export function shownOf({ outputs }: IndicatorSet, values: ArrayLike<number>): number[] {
  return outputs.map(({ of, plus }) => {
    const [own = Number.NaN, other = Number.NaN] = [values[of - 1], values[Math.abs(plus) - 1]];
    return plus === 0 ? own : plus > 0 ? own + other : own - other;
  });
}
