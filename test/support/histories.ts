/** Generated price histories: gaps, ties, NULLs, bad rows, several rows a day. A shape is small, so that it shrinks well. */
import fc from 'fast-check';
import { DAY_US, dayOfUs } from '../../src/domain/calendar/day.js';
import type { DailyBar } from '../../src/domain/prices/daily-bar.js';
import { columnsOfBars, type DayColumns } from '../../src/domain/prices/days.js';
import { type DailyPrice, judgePrices } from '../../src/domain/prices/price.js';

export interface HistoryShape {
  seed: number;
  firstDay: number;
  rows: number;
  /** Share of rows after which days are missing, and the most days that are. */
  gapRate: number;
  longestGap: number;
  /** Prices on a coarse grid, so that extremes tie. */
  ties: boolean;
  /** Share of rows with something wrong. */
  badRate: number;
  /** Most rows of one appended chunk. */
  longestChunk: number;
}

/** Shapes of histories with the given numbers of rows. */
export function historyShapes(rows: fc.Arbitrary<number>): fc.Arbitrary<HistoryShape> {
  return fc.record({
    seed: fc.integer({ min: 1, max: 0x7fffffff }),
    firstDay: fc.integer({ min: -4000, max: 20_000 }),
    rows,
    gapRate: fc.constantFrom(0, 0.02, 0.1, 0.5),
    longestGap: fc.constantFrom(1, 3, 10, 40, 400),
    ties: fc.boolean(),
    badRate: fc.constantFrom(0, 0.03, 0.3),
    longestChunk: fc.constantFrom(1, 7, 30, 200),
  });
}

/** Uniform numbers in [0, 1): mulberry32, so that a shape means the same history everywhere. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Ways in which a row is spoilt: refused, repaired, or harmless oddities. */
const SPOILERS: readonly ((price: DailyPrice) => Partial<DailyPrice>)[] = [
  () => ({ open: null }),
  () => ({ close: Number.NaN }),
  () => ({ timeCloseUs: null }),
  ({ timeCloseUs }) => ({ timeOpenUs: (timeCloseUs ?? 0) + 1 }),
  () => ({ low: -1 }),
  () => ({ high: -0 }),
  () => ({ timeHighUs: null, timeLowUs: null }),
  ({ timeCloseUs }) => ({ timeHighUs: (timeCloseUs ?? 0) + 1 }),
  ({ timeOpenUs }) => ({ timeLowUs: (timeOpenUs ?? 0) - 1 }),
  () => ({ high: null, low: Number.POSITIVE_INFINITY }),
  ({ open, close }) => ({ high: Math.min(open ?? 1, close ?? 1), low: Math.max(open ?? 1, close ?? 1) }),
  () => ({ volume: null, marketCap: null }),
  () => ({ volume: -0, marketCap: Number.NaN }),
];

function priceOn(day: number, random: () => number, ties: boolean): DailyPrice {
  const draw = (): number => (ties ? 1 + Math.floor(random() * 4) : 1 + random() * 100);
  const dayUs = day * DAY_US;
  const [open, close] = [draw(), draw()];
  return {
    timestampUs: dayUs + DAY_US - 1000,
    timeOpenUs: dayUs,
    timeCloseUs: dayUs + DAY_US - 1000,
    timeHighUs: dayUs + Math.floor(random() * 86_399) * 1_000_000,
    timeLowUs: dayUs + Math.floor(random() * 86_399) * 1_000_000,
    open,
    high: Math.max(open, close, draw()),
    low: Math.min(open, close, draw()),
    close,
    // Magnitudes far apart: a sum in another order has other bits.
    volume: random() < 0.1 ? null : random() * 10 ** Math.floor(random() * 12),
    marketCap: random() < 0.2 ? null : random() * 1e12,
    name: '2781',
    sourceFile: 'generated',
    loadTsUs: null,
  };
}

/** The source rows of a shape, in the order that judgePrices asks for. */
export function pricesOf(shape: HistoryShape): DailyPrice[] {
  const random = randomOf(shape.seed);
  const prices: DailyPrice[] = [];
  let day = shape.firstDay;
  for (let row = 0; row < shape.rows; row += 1) {
    const price = priceOn(day, random, shape.ties);
    const isBad = random() < shape.badRate;
    const spoiler = SPOILERS[Math.floor(random() * SPOILERS.length)];
    // A bad row is sometimes an extra one: earlier on the same day, so that it loses unless it is refused itself.
    if (isBad && random() < 0.3) prices.push({ ...price, timestampUs: price.timestampUs - 1000 });
    prices.push(isBad && spoiler !== undefined ? { ...price, ...spoiler(price) } : price);
    day += 1 + (random() < shape.gapRate ? 1 + Math.floor(random() * shape.longestGap) : 0);
  }
  return prices;
}

/** The rows in random chunks, never dividing a day. */
export function chunksOf(prices: readonly DailyPrice[], shape: HistoryShape): DailyPrice[][] {
  const random = randomOf(shape.seed ^ 0x5bd1e995);
  const chunks: DailyPrice[][] = [];
  let chunk: DailyPrice[] = [];
  let room = 0;
  let previousDay = Number.NaN;
  for (const price of prices) {
    const day = dayOfUs(price.timestampUs);
    if (day !== previousDay && room <= 0) {
      chunk = [];
      chunks.push(chunk);
      room = 1 + Math.floor(random() * shape.longestChunk);
    }
    chunk.push(price);
    room -= 1;
    previousDay = day;
  }
  return chunks;
}

export interface JudgedHistory {
  bars: DailyBar[];
  days: DayColumns;
}

/** The accepted days of a history, judged as a whole. */
export function judgeHistory(prices: readonly DailyPrice[]): JudgedHistory {
  const { bars } = judgePrices(prices, 1);
  return { bars, days: columnsOfBars(bars, bars[0]?.day ?? 0) };
}
