import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bar, type BarState, stepBars } from '../../src/domain/bars/bar.js';
import { hasBars, TIMEFRAMES, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import type { DailyBar } from '../../src/domain/prices/daily-bar.js';
import { columnsOfBars, type DayColumns } from '../../src/domain/prices/days.js';
import { judgePrices } from '../../src/domain/prices/price.js';
import { oracleBars } from '../support/bars-oracle.js';
import {
  chunksOf,
  type HistoryShape,
  historyShapes,
  judgeHistory,
  pricesOf,
  randomOf,
} from '../support/histories.js';
import { tally } from '../support/tally.js';

const BAR_TIMEFRAMES = TIMEFRAMES.filter(hasBars);

/** Mostly short; a few in which even the bars of 7300 days close. */
const lengths = fc.oneof(
  { weight: 49, arbitrary: fc.integer({ min: 1, max: 400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 7300, max: 7600 }) },
);

/** Values compared, by Object.is, in this file. */
let compared = 0;

/** Name of the first field in which two records of the same kind differ, bit for bit; null when there is none. */
function differingField<T extends object>(expected: T, actual: T): string | null {
  for (const key of Object.keys(expected) as (keyof T & string)[]) {
    compared += 1;
    if (!Object.is(expected[key], actual[key]))
      return `${key}: expected ${expected[key]}, got ${actual[key]}`;
  }
  return null;
}

function expectSameBars(where: string, expected: readonly Bar[], actual: readonly Bar[]): void {
  if (expected.length !== actual.length) {
    throw new Error(`${where}: expected ${expected.length} closed bars, got ${actual.length}`);
  }
  for (const [index, bar] of expected.entries()) {
    const found = actual[index];
    const difference = found === undefined ? 'missing' : differingField(bar, found);
    if (difference !== null) throw new Error(`${where}: closed bar ${bar.barSeq}: ${difference}`);
  }
}

function expectSameState(where: string, expected: BarState | null, actual: BarState | null): void {
  if (expected === null || actual === null) {
    if (expected !== actual) throw new Error(`${where}: expected state ${expected}, got ${actual}`);
    return;
  }
  const { bar: expectedBar, ...expectedRest } = expected;
  const { bar: actualBar, ...actualRest } = actual;
  const difference =
    differingField(expectedRest, actualRest) ??
    (expectedBar === null || actualBar === null
      ? expectedBar === actualBar
        ? null
        : `bar: expected ${expectedBar}, got ${actualBar}`
      : differingField(expectedBar, actualBar));
  if (difference !== null) throw new Error(`${where}: state: ${difference}`);
}

/** The history as a run after run sees it: each chunk judged by itself, numbered on from the one before. */
function judgeChunks(shape: HistoryShape): DailyBar[][] {
  let accepted = 0;
  return chunksOf(pricesOf(shape), shape).map((chunk) => {
    const { bars } = judgePrices(chunk, accepted + 1);
    accepted += bars.length;
    return bars;
  });
}

/** Columns of each run: the new days alone, or with days before them that the series has already taken in. */
function columnsOfRuns(runs: readonly DailyBar[][], shape: HistoryShape): DayColumns[] {
  const random = randomOf(shape.seed + 1);
  const all = runs.flat();
  const assetFirstDay = all[0]?.day ?? 0;
  let end = 0;
  return runs.map((bars) => {
    const start = random() < 0.2 ? end - Math.floor(random() * Math.min(end, 50)) : end;
    end += bars.length;
    return columnsOfBars(all.slice(start, end), assetFirstDay);
  });
}

/** Freezes what stepBars must not change. */
function frozen(state: BarState | null): BarState | null {
  if (state?.bar) Object.freeze(state.bar);
  return state === null ? null : Object.freeze(state);
}

function stepAll(
  timeframe: Timeframe,
  runs: readonly DayColumns[],
): { state: BarState | null; closed: Bar[] } {
  const closed: Bar[] = [];
  let state: BarState | null = null;
  for (const days of runs) {
    const step = stepBars(timeframe, frozen(state), days);
    state = step.state;
    for (const bar of step.closed) closed.push(Object.freeze(bar));
  }
  return { state, closed };
}

test('500 histories, every bar timeframe: appending in random chunks gives the bars and states of a rebuild, bit for bit', () => {
  compared = 0;
  let bars = 0;
  const startedMs = performance.now();
  fc.assert(
    fc.property(historyShapes(lengths), (shape) => {
      const history = judgeHistory(pricesOf(shape));
      const runs = judgeChunks(shape);
      for (const [index, bar] of runs.flat().entries()) {
        const difference = differingField(history.bars[index] ?? ({} as DailyBar), bar);
        if (difference !== null) throw new Error(`1D bar ${bar.barSeq}: ${difference}`);
      }
      expect(runs.flat()).toHaveLength(history.bars.length);
      const columns = columnsOfRuns(runs, shape);
      for (const timeframe of BAR_TIMEFRAMES) {
        const where = `${timeframe.alignment} ${timeframe.tf}`;
        const rebuilt = stepBars(timeframe, null, history.days);
        const appended = stepAll(timeframe, columns);
        expectSameBars(where, rebuilt.closed, appended.closed);
        expectSameState(where, rebuilt.state, appended.state);
        bars += rebuilt.closed.length;
      }
    }),
    { numRuns: 500 },
  );
  tally('histories', 500);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`append equals rebuild: ${bars} closed bars, ${compared} values compared in ${seconds} s`);
});

test('20 histories, every bar timeframe: the bars are those of the definition, read literally', () => {
  compared = 0;
  fc.assert(
    fc.property(historyShapes(fc.integer({ min: 1, max: 120 })), (shape) => {
      const { bars, days } = judgeHistory(pricesOf(shape));
      for (const timeframe of BAR_TIMEFRAMES) {
        const where = `${timeframe.alignment} ${timeframe.tf}`;
        const expected = oracleBars(timeframe, bars);
        const { state, closed } = stepBars(timeframe, null, days);
        expectSameBars(where, expected.closed, closed);
        expectSameState(where, expectedState(expected, bars), state);
      }
    }),
    { numRuns: 20 },
  );
  tally('histories', 20);
  console.log(`oracle: ${compared} values compared`);
});

/** The state of a series after its days, from the oracle's bars. A bar closed before the newest day is no newest bar's state. */
function expectedState(
  { closed, newest }: ReturnType<typeof oracleBars>,
  bars: readonly DailyBar[],
): BarState | null {
  const watermarkDay = bars.at(-1)?.day;
  if (watermarkDay === undefined) return null;
  return {
    watermarkDay,
    closedSeq: closed.at(-1)?.barSeq ?? 0,
    bar: newest?.bar ?? null,
    isClosed: newest?.isClosed ?? false,
  };
}
