/** B11: the kernel, warm, against a bare loop over typed arrays and against the libraries of the field. */
import { ema as indicatortsEma } from 'indicatorts';
import technicalindicators from 'technicalindicators';
import { EMA as TradingSignalsEma } from 'trading-signals';
import { stepBars } from '../../src/domain/bars/bar.js';
import { hasBars, TIMEFRAMES } from '../../src/domain/calendar/timeframe.js';
import { PERIODS } from '../../src/domain/emas/period.js';
import { stepEma } from '../../src/domain/emas/series.js';
import { advanceEmas, alphaOf, seedEma } from '../../src/domain/emas/smoothing/ema.js';
import { ema, smooth } from '../../src/domain/emas/smoothing/index.js';
import { columnsOfBars } from '../../src/domain/prices/days.js';
import { judgePrices } from '../../src/domain/prices/price.js';
import type { Finding } from '../support/findings.js';
import { medianOf, timeMs } from '../support/measure.js';
import { seededPrices } from '../support/seeded-prices.js';

const DAYS = 4018;
const FIRST_DAY = 16_000;
const RANGE = { firstDay: FIRST_DAY, from: FIRST_DAY, to: FIRST_DAY + DAYS };
const ROUNDS = 60;

type Ema = (closes: Float64Array, period: number) => ArrayLike<number>;

/** What nobody can do with less: one multiplication and two additions a value, in one loop. */
function bareLoop(closes: Float64Array, period: number): Float64Array {
  const values = new Float64Array(closes.length).fill(Number.NaN);
  const alpha = 2 / (period + 1);
  const rest = 1 - alpha;
  let sum = 0;
  for (let index = 0; index < period; index += 1) sum += closes[index] as number;
  let value = sum / period;
  values[period - 1] = value;
  for (let index = period; index < closes.length; index += 1) {
    value = alpha * (closes[index] as number) + rest * value;
    values[index] = value;
  }
  return values;
}

function ofTradingSignals(closes: Float64Array, period: number): number[] {
  const indicator = new TradingSignalsEma(period);
  const values: number[] = [];
  for (const close of closes) {
    indicator.update(close, false);
    if (indicator.isStable) values.push(indicator.getResult() as number);
  }
  return values;
}

const LIBRARIES: Readonly<Record<string, { seed: 'sma' | 'first'; ema: Ema }>> = {
  technicalindicators: {
    seed: 'sma',
    ema: (closes, period) => technicalindicators.EMA.calculate({ period, values: Array.from(closes) }),
  },
  'trading-signals': { seed: 'first', ema: ofTradingSignals },
  indicatorts: { seed: 'first', ema: (closes, period) => indicatortsEma(Array.from(closes), { period }) },
};

/** Largest relative difference of the last 500 values, where the seed of a period up to 60 has faded. */
function differenceAtEnd(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let back = 1; back <= 500; back += 1) {
    const [x, y] = [a[a.length - back] as number, b[b.length - back] as number];
    largest = Math.max(largest, Math.abs(x - y) / Math.abs(y));
  }
  return largest;
}

function check(closes: Float64Array): void {
  for (const period of PERIODS.filter((each) => each <= 60)) {
    const expected = bareLoop(closes, period);
    const candidates = { kernel: (c: Float64Array, p: number) => smooth(ema, c, p), ...emasOf(LIBRARIES) };
    for (const [name, candidate] of Object.entries(candidates)) {
      const difference = differenceAtEnd(candidate(closes, period), expected);
      if (!(difference < 1e-12)) throw new Error(`${name}, period ${period}: differs by ${difference}`);
    }
  }
}

function emasOf(libraries: typeof LIBRARIES): Record<string, Ema> {
  return Object.fromEntries(Object.entries(libraries).map(([name, library]) => [name, library.ema]));
}

/** Every period's newest EMA, all of them together: what a refresh does between two closing days. */
function kernelOfAll(closes: Float64Array): Float64Array {
  const values = Float64Array.from(PERIODS, () => seedEma(closes[0] as number, 1));
  const alphas = Float64Array.from(PERIODS, alphaOf);
  advanceEmas({ values, alphas, count: PERIODS.length }, { values: closes, from: 1, to: closes.length });
  return values;
}

/** The same in one bare loop a period. */
function bareLoopOfAll(closes: Float64Array): Float64Array {
  const values = new Float64Array(PERIODS.length);
  for (let k = 0; k < PERIODS.length; k += 1) {
    const alpha = 2 / ((PERIODS[k] as number) + 1);
    const rest = 1 - alpha;
    let value = closes[0] as number;
    for (let index = 1; index < closes.length; index += 1)
      value = alpha * (closes[index] as number) + rest * value;
    values[k] = value;
  }
  return values;
}

/** Millions of EMA values a second: the median over rounds that take turns. */
async function ratesOf(
  candidates: Record<string, (closes: Float64Array) => unknown>,
  closes: Float64Array,
): Promise<Map<string, number>> {
  const times = new Map(Object.keys(candidates).map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, candidate] of Object.entries(candidates)) {
      const ms = await timeMs(() => candidate(closes));
      // The first third warms up.
      if (round >= ROUNDS / 3) times.get(name)?.push(ms);
    }
  }
  const values = PERIODS.length * closes.length;
  return new Map([...times].map(([name, ms]) => [name, values / medianOf(ms) / 1000]));
}

function everyPeriod(candidate: Ema): (closes: Float64Array) => void {
  return (closes) => {
    for (const period of PERIODS) candidate(closes, period);
  };
}

/** All of B11. */
export async function measureKernel(): Promise<Finding[]> {
  const { bars } = judgePrices([...seededPrices(1, RANGE)], 1);
  const days = columnsOfBars(bars, FIRST_DAY);
  const closes = days.close.slice(0, days.length);
  check(closes);
  const [ours, bare] = [kernelOfAll(closes), bareLoopOfAll(closes)];
  if (ours.some((value, k) => !Object.is(value, bare[k])))
    throw new Error('the kernel and the bare loop differ');
  const libraries = Object.entries(emasOf(LIBRARIES)).map(([name, each]) => [name, everyPeriod(each)]);
  const rates = await ratesOf(
    {
      kernel: kernelOfAll,
      'bare loop': bareLoopOfAll,
      'kernel, every value kept (smooth)': everyPeriod((c, p) => smooth(ema, c, p)),
      'bare loop, every value kept': everyPeriod(bareLoop),
      ...Object.fromEntries(libraries),
    },
    closes,
  );
  const rate = (name: string) => rates.get(name) ?? Number.NaN;
  const fastest = Math.max(...Object.keys(LIBRARIES).map(rate));
  const listed = [...rates].map(([name, each]) => `${name} ${each.toFixed(1)}`).join(', ');
  return [
    {
      id: 'B11',
      what: 'EMA kernel / bare loop',
      goal: { atLeast: 0.8 },
      value: rate('kernel') / rate('bare loop'),
      detail: `millions of EMA values a second: ${listed}`,
    },
    {
      id: 'B11',
      what: 'EMA kernel / fastest library',
      goal: { atLeast: 20 },
      value: rate('kernel') / fastest,
      detail:
        'values of the last 500 days equal to 1e-12 for periods up to 60; seeds: technicalindicators as ours (mean of the first inputs), trading-signals and indicatorts begin with the first input',
    },
    {
      id: 'B11',
      what: 'smooth() / bare loop, every value kept',
      goal: null,
      value: rate('kernel, every value kept (smooth)') / rate('bare loop, every value kept'),
      detail: "the library's function for any moving average",
    },
    await measureSeries(days),
  ];
}

/** Everything that is derived of one asset: every timeframe's bars, and EMAs of every period on them. */
async function measureSeries(days: ReturnType<typeof columnsOfBars>): Promise<Finding> {
  let [bars, points] = [0, 0];
  const timesMs: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    [bars, points] = [0, 0];
    timesMs.push(
      await timeMs(() => {
        for (const timeframe of TIMEFRAMES) {
          const spec = {
            alignment: timeframe.alignment,
            tf: timeframe.tf,
            tfDays: timeframe.nominalDays,
            periods: PERIODS,
          };
          const closed = hasBars(timeframe) ? stepBars(timeframe, null, days).closed : [];
          bars += closed.length;
          const closes = {
            length: closed.length,
            barSeq: Int32Array.from(closed, ({ barSeq }) => barSeq),
            day: Int32Array.from(closed, ({ lastDay }) => lastDay),
            close: Float64Array.from(closed, ({ close }) => close),
          };
          points += stepEma(spec, null, { days, closes, before: null }).points.length;
        }
      }),
    );
  }
  const ms = medianOf(timesMs);
  return {
    id: 'B11',
    what: 'bars and EMA points of one asset of 11 years, in memory, ms',
    goal: null,
    value: ms,
    detail: `${bars} closed bars of ${TIMEFRAMES.length} timeframes, ${points} points of ${PERIODS.length} periods`,
  };
}
