/** The laws of indicators: they run over the list, so that one more indicator needs no test of its own here. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stepBars } from '../../src/domain/bars/bar.js';
import { BAR_ALIGNMENTS, hasBars, TIMEFRAMES, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import { advanceSet } from '../../src/domain/indicators/advance-set.js';
import { INDICATOR_KINDS } from '../../src/domain/indicators/index.js';
import { type Indicator, parseIndicator, usualNameOf } from '../../src/domain/indicators/name.js';
import { BAR_FIELDS, type BarColumns } from '../../src/domain/indicators/parts/kind.js';
import {
  advanceIndicator,
  barColumnsOf,
  computeIndicators,
  previewIndicator,
} from '../../src/domain/indicators/series.js';
import { createIndicatorSet } from '../../src/domain/indicators/set.js';
import { historyShapes, judgeHistory, pricesOf } from '../support/histories.js';
import {
  barsOf,
  barsShapes,
  divisions,
  endsOf,
  everyKind,
  namesOf,
  partOf,
  shownOf,
} from '../support/indicator-cases.js';
import { tally } from '../support/tally.js';

/** Values compared by Object.is. */
let compared = 0;

function expectSame(where: string, expected: ArrayLike<number>, found: ArrayLike<number>): void {
  if (expected.length !== found.length)
    throw new Error(`${where}: expected ${expected.length} numbers, found ${found.length}`);
  for (let index = 0; index < expected.length; index += 1) {
    compared += 1;
    if (!Object.is(expected[index], found[index]))
      throw new Error(`${where} [${index}]: expected ${expected[index]}, found ${found[index]}`);
  }
}

/** A state as it comes back from wherever its numbers were kept. */
function keepAndRead(state: Float64Array): Float64Array {
  const bytes = new Uint8Array(state.buffer, state.byteOffset, state.byteLength).slice();
  return Float64Array.from([...new Float64Array(bytes.buffer)]);
}

/** Takes a series in parts, the state kept and read between any two. */
function takeInParts(
  indicator: Indicator,
  bars: BarColumns,
  cuts: readonly number[],
): { values: number[][]; state: Float64Array | null } {
  const values: number[][] = indicator.outputs.map(() => []);
  let state: Float64Array | null = null;
  let from = 0;
  for (const to of cuts) {
    const step = advanceIndicator(indicator, state, partOf(bars, from, to));
    for (const [k, column] of step.values.entries()) values[k]?.push(...column);
    state = keepAndRead(step.state);
    from = to;
  }
  return { values, state };
}

function expectAnyDivision(indicator: Indicator, bars: BarColumns, cuts: readonly number[]): void {
  const whole = advanceIndicator(indicator, null, bars);
  const parts = takeInParts(indicator, bars, cuts);
  for (const [k, { name }] of indicator.outputs.entries())
    expectSame(`${name} at ${cuts}`, whole.values[k] ?? [], parts.values[k] ?? []);
  expectSame(`state of ${indicator.name}`, whole.state, parts.state ?? []);
}

describe.each(INDICATOR_KINDS)('$name', (kind) => {
  const cases = fc.tuple(namesOf(kind), barsShapes());

  test('bars taken in any division, with the state kept between, give the values and the state of one pass, bit for bit', () => {
    fc.assert(
      fc.property(cases, divisions, ([name, shape], division) =>
        expectAnyDivision(parseIndicator(name), barColumnsOf(barsOf(shape)), endsOf(division, shape.length)),
      ),
      { numRuns: 200 },
    );
  });

  test('a preview is what closing now gives, and moves nothing', () => {
    fc.assert(
      fc.property(cases, ([name, shape]) => {
        const indicator = parseIndicator(name);
        const bars = barsOf(shape);
        const columns = barColumnsOf(bars);
        let state: Float64Array | null = null;
        for (const [at, bar] of bars.entries()) {
          const before: Float64Array | null = state?.slice() ?? null;
          const preview = previewIndicator(indicator, state, bar);
          expectSame(`state of ${indicator.name}`, before ?? [], state ?? []);
          const step = advanceIndicator(indicator, state, partOf(columns, at, at + 1));
          expectSame(
            `preview of ${indicator.name}`,
            step.values.map(([value]) => value ?? 0),
            preview,
          );
          state = step.state;
        }
      }),
      { numRuns: 30 },
    );
  });

  test('has finite values from its first bar on and none before, also of prices from 1e-100 to 1e100', () => {
    fc.assert(
      fc.property(cases, ([name, shape]) => {
        const indicator = parseIndicator(name);
        const { values } = advanceIndicator(indicator, null, barColumnsOf(barsOf(shape)));
        for (const [k, { name, firstAt }] of indicator.outputs.entries())
          for (const [at, value] of (values[k] ?? []).entries())
            if (Number.isFinite(value) !== at >= firstAt) throw new Error(`${name}: ${value} at bar ${at}`);
      }),
      { numRuns: 200 },
    );
  });

  test('reads the fields that it declares and no others, and changes none', () => {
    fc.assert(
      fc.property(cases, ([name, shape]) => {
        const indicator = parseIndicator(name);
        const bars = barColumnsOf(barsOf(shape));
        const nothing = new Float64Array(bars.length).fill(Number.NaN);
        const declared = { ...bars };
        for (const field of BAR_FIELDS) if (!kind.fields.includes(field)) declared[field] = nothing;
        const { values } = advanceIndicator(indicator, null, declared);
        const expected = advanceIndicator(indicator, null, bars).values;
        for (const [k, { name }] of indicator.outputs.entries())
          expectSame(name, expected[k] ?? [], values[k] ?? []);
        for (const field of BAR_FIELDS) expectSame(field, barColumnsOf(barsOf(shape))[field], bars[field]);
      }),
      { numRuns: 30 },
    );
  });

  test('an unknown volume counts 0, whether it is null or not there', () => {
    fc.assert(
      fc.property(cases, ([name, shape]) => {
        const indicator = parseIndicator(name);
        const bars = barsOf(shape);
        const valuesOf = (each: typeof bars) => advanceIndicator(indicator, null, barColumnsOf(each)).values;
        const expected = valuesOf(bars.map((bar) => ({ ...bar, volume: bar.volume ?? 0 })));
        const absent = valuesOf(
          bars.map(({ volume, ...bar }) => (volume === null ? bar : { ...bar, volume: volume ?? 0 })),
        );
        for (const [k, { name }] of indicator.outputs.entries()) {
          expectSame(name, expected[k] ?? [], valuesOf(bars)[k] ?? []);
          expectSame(name, expected[k] ?? [], absent[k] ?? []);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('of prices that never move, every value stays what it was at first', () => {
    const prices = fc.constantFrom(0.1, 1, 7.3, 1e-9, 64_321.987);
    fc.assert(
      fc.property(namesOf(kind), prices, (chosen, price) => {
        const indicator = parseIndicator(chosen);
        const bar = { open: price, high: price, low: price, close: price, volume: 3 };
        const bars = barColumnsOf(Array.from({ length: 80 }, () => bar));
        for (const [k, column] of advanceIndicator(indicator, null, bars).values.entries()) {
          const { name, firstAt } = indicator.outputs[k] ?? { name: '', firstAt: 0 };
          const first = column[firstAt] ?? Number.NaN;
          // A few last bits of the price, of which a sum of 20 is divided and subtracted again.
          for (const value of column.subarray(firstAt))
            if (!(Math.abs(value - first) <= 1e-13 * price))
              throw new Error(`${name}: ${first}, then ${value}`);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('refuses a state of another version or of a wrong length', () => {
    const indicator = parseIndicator(usualNameOf(kind));
    const { state } = advanceIndicator(
      indicator,
      null,
      barColumnsOf(barsOf({ seed: 1, length: 90, manner: 'free' })),
    );
    const bars = barColumnsOf([]);
    const changed = (index: number, by: number) =>
      state.map((value, at) => (at === index ? value + by : value));
    expect(() => advanceIndicator(indicator, changed(0, 1), bars)).toThrow(
      `state of ${indicator.name}: expected version ${kind.version}, found ${kind.version + 1}; rebuild the series`,
    );
    expect(() => advanceIndicator(indicator, changed(1, 0.5), bars)).toThrow('after 90.5 bars');
    expect(() => advanceIndicator(indicator, state.subarray(0, -1), bars)).toThrow(
      `found ${state.length - 1}; rebuild the series`,
    );
    expect(() => advanceIndicator(indicator, new Float64Array(0), bars)).toThrow('found no number');
    expectSame('state', state, advanceIndicator(indicator, state, bars).state);
  });
});

/** A few timeframes of each alignment; short ones, whose bars close within a short history. */
const timeframes: fc.Arbitrary<Timeframe[]> = fc
  .tuple(
    ...BAR_ALIGNMENTS.map((alignment) =>
      fc.constantFrom(
        ...TIMEFRAMES.filter(
          (each) => each.alignment === alignment && hasBars(each) && each.nominalDays < 32,
        ),
      ),
    ),
  )
  .map((each) => [...each]);

test('150 histories with gaps, a timeframe of every alignment, every kind: bars that close run by run give the values of a rebuild', () => {
  compared = 0;
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      historyShapes(fc.integer({ min: 1, max: 200 })),
      divisions,
      timeframes,
      everyKind,
      (shape, division, chosen, names) => {
        const { days } = judgeHistory(pricesOf(shape));
        const cuts = endsOf(division, days.length);
        const indicators = names.map((name) => parseIndicator(name));
        for (const timeframe of chosen) {
          const { closed } = stepBars(timeframe, null, days);
          const bars = barColumnsOf(closed);
          // A run takes in what has closed by its last day.
          const ends = cuts.map(
            (to) =>
              closed.filter(({ lastDay }) => lastDay <= (days.day[to - 1] ?? Number.NEGATIVE_INFINITY))
                .length,
          );
          for (const indicator of indicators) expectAnyDivision(indicator, bars, ends);
          if (closed.length > 10) seen.add(`${timeframe.alignment} ${timeframe.tf}`);
        }
      },
    ),
    { numRuns: 150 },
  );
  tally('histories', 150);
  console.log(`indicators over histories: ${seen.size} series of bars, ${compared} values compared`);
  expect(seen.size).toBeGreaterThan(20);
  expect(compared).toBeGreaterThan(100_000);
});

test('several indicators at once: each output by its name', () => {
  const bars = barColumnsOf(barsOf({ seed: 3, length: 60, manner: 'free' }));
  const indicators = ['macd_3_6_4', 'sma_5'].map((name) => parseIndicator(name));
  const columns = computeIndicators(indicators, bars);
  expect([...columns.keys()]).toEqual(['macd_3_6_4', 'macd_3_6_4.signal', 'macd_3_6_4.hist', 'sma_5']);
  for (const indicator of indicators)
    for (const [k, { name }] of indicator.outputs.entries())
      expectSame(name, advanceIndicator(indicator, null, bars).values[k] ?? [], columns.get(name) ?? []);
});

test('an output that is not stored is the sum of two columns, to the bit', () => {
  let sums = 0;
  for (const kind of INDICATOR_KINDS)
    fc.assert(
      fc.property(namesOf(kind), barsShapes(), (name, shape) => {
        const set = createIndicatorSet([parseIndicator(name)]);
        const bars = barColumnsOf(barsOf(shape));
        const computed = computeIndicators(set.indicators, bars);
        const [advance] = advanceSet(set, [{ before: null, closed: bars, open: null }]);
        for (const [at, values] of (advance?.values ?? []).entries()) {
          const expected = set.outputs.map((output) => computed.get(output.name)?.[at] ?? Number.NaN);
          expectSame(`${name} at bar ${at}`, expected, shownOf(set, values));
          sums += set.outputs.filter(({ plus }) => plus !== 0).length;
        }
      }),
      { numRuns: 20 },
    );
  expect(sums).toBeGreaterThan(1000);
});
