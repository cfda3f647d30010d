/** Klines of exchanges, as their APIs answer: lists without names, of which none is read in the order of another. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, type FileDay, makeDays } from '../../../../test/support/files/days.js';
import { createFileFixture, type FileFixture } from '../../../../test/support/files/fixture.js';

const ID = 7;
const DAYS = makeDays(12);
const LAST = DAYS.at(-1)?.day ?? 0;

let fixture: FileFixture;
beforeAll(async () => {
  fixture = await createFileFixture();
});
beforeEach(() => fixture.clear());
afterAll(() => fixture.drop());

interface Klines {
  name: string;
  /** One row; `ms`: when it begins. */
  row(day: FileDay, ms: number, isOver: boolean): (string | number | boolean)[];
  /** The answer around the rows; `newestMs`: when the newest one begins, `isOver`: whether it is. */
  answer(rows: unknown[], newestMs: number, isOver: boolean): unknown;
  /** What is stored as the volume. */
  volume(day: FileDay): number | null;
  /** Without what is around them the rows could be anything. */
  needsAnswer: boolean;
}

const text = (cells: readonly unknown[]) => cells.map(String);
const bybit = (category: string, symbol: string) => (rows: unknown[], newestMs: number, isOver: boolean) => ({
  ...{ retCode: 0, retMsg: 'OK', result: { category, symbol, list: rows.toReversed() }, retExtInfo: {} },
  time: newestMs + (isOver ? DAY_MS + 9 : 3_600_000),
});
const okx = (rows: unknown[]) => ({ code: '0', msg: '', data: rows.toReversed() });

const KLINES: readonly Klines[] = [
  {
    name: 'Bybit',
    row: (d, ms) => text([ms, d.open, d.high, d.low, d.close, d.volume, d.volume * d.close]),
    answer: bybit('linear', 'BTCUSDT'),
    volume: (d) => d.volume,
    needsAnswer: true,
  },
  {
    name: 'Bybit, inverse contracts',
    row: (d, ms) => text([ms, d.open, d.high, d.low, d.close, d.volume, 3]),
    answer: bybit('inverse', 'BTCUSD'),
    volume: (d) => d.volume,
    needsAnswer: true,
  },
  {
    name: 'OKX',
    row: (d, ms, isOver) => text([ms, d.open, d.high, d.low, d.close, 5, 6, d.volume, isOver ? 1 : 0]),
    answer: okx,
    volume: (d) => d.volume,
    needsAnswer: true,
  },
  {
    name: 'OKX, an index',
    row: (d, ms, isOver) => text([ms, d.open, d.high, d.low, d.close, isOver ? 1 : 0]),
    answer: okx,
    volume: () => null,
    needsAnswer: false,
  },
  {
    name: 'Gate',
    row: (d, ms, isOver) =>
      text([ms / 1000, d.volume * d.close, d.close, d.high, d.low, d.open, d.volume, isOver]),
    answer: (rows) => rows,
    volume: (d) => d.volume,
    needsAnswer: false,
  },
  {
    name: 'Kraken',
    row: (d, ms) => [ms / 1000, ...text([d.open, d.high, d.low, d.close, d.close, d.volume]), 9],
    answer: (rows, newestMs, isOver) => ({
      error: [],
      result: { XXBTZUSD: rows, last: (newestMs - (isOver ? 0 : DAY_MS)) / 1000 },
    }),
    volume: (d) => d.volume,
    needsAnswer: false,
  },
  {
    name: 'KuCoin',
    row: (d, ms) => text([ms / 1000, d.open, d.close, d.high, d.low, d.volume, d.volume * d.close]),
    answer: (rows) => ({ code: '200000', data: rows.toReversed() }),
    volume: (d) => d.volume,
    needsAnswer: true,
  },
];
const named = (list: readonly Klines[]) => list.map((klines) => [klines.name, klines] as const);
/** KuCoin's file does not say which day is not over: there the clock alone does. */
const SAYING = KLINES.filter(({ name }) => name !== 'KuCoin');

interface Written {
  days?: readonly FileDay[];
  /** Between two rows. */
  stepMs?: number;
  shiftMs?: number;
  isOver?: boolean;
}

function write(
  { row, answer }: Klines,
  { days = DAYS, stepMs = DAY_MS, shiftMs = 0, isOver = true }: Written = {},
): string {
  const newest = (days.at(-1)?.day ?? 0) * DAY_MS + shiftMs;
  const rows = days.map((day, index) => {
    const fromEnd = days.length - 1 - index;
    return row(day, newest - fromEnd * stepMs, isOver || fromEnd > 0);
  });
  return JSON.stringify(answer(rows, newest, isOver));
}

const storedOf = (days: readonly FileDay[], { volume }: Klines) =>
  days.map((day) => [day.day, day.open, day.high, day.low, day.close, volume(day)]);

describe.each(named(KLINES))('%s', (name, klines) => {
  test('every price is where it belongs', async () => {
    const report = await fixture.load('klines.json', write(klines), { id: ID });
    expect(report).toMatchObject({ label: expect.stringContaining(name.split(',')[0] ?? ''), newRows: 12 });
    expect(await fixture.days(ID)).toEqual(storedOf(DAYS, klines));
    expect(report.judged.rejects.count).toBe(0);
    expect(report.notes.join()).not.toContain('left out');
  });

  test('klines of four hours are refused by what they are', async () => {
    const four = write(klines, { stepMs: DAY_MS / 6 });
    expect(await fixture.refusal('klines.json', four, { id: ID })).toContain('an intraday row (4 hours)');
    expect(await fixture.days(ID)).toEqual([]);
  });

  test('days of another zone are refused until it is said', async () => {
    const hongKong = write(klines, { shiftMs: -8 * 3_600_000 });
    const refusal = await fixture.refusal('klines.json', hongKong, { id: ID });
    expect(refusal).toContain('expected a row that is one UTC day');
    expect(refusal).toContain('--zone');
    await fixture.load('klines.json', hongKong, { id: ID, zone: 'Asia/Hong_Kong' });
    expect((await fixture.days(ID)).at(-1)?.[0]).toBe(LAST);
  });
});

describe.each(named(SAYING))('%s', (_, klines) => {
  test('a day that was not over is left out, and named', async () => {
    const report = await fixture.load('klines.json', write(klines, { isOver: false }), { id: ID });
    expect(await fixture.days(ID)).toEqual(storedOf(DAYS.slice(0, -1), klines));
    expect(report.notes).toContain(
      '[INFO] the row of 2024-03-01 is left out: by the file, the day was not over when it was written',
    );
    // It does not take the place of what is stored since.
    await fixture.load('later.json', write(klines), { id: ID });
    const again = await fixture.load('klines.json', write(klines, { isOver: false }), { id: ID });
    expect(again).toMatchObject({ newRows: 0, changedRows: 0 });
    expect(await fixture.days(ID)).toEqual(storedOf(DAYS, klines));
  });

  test('that day alone: nothing is stored, not even the asset', async () => {
    const days = DAYS.slice(-1);
    const report = await fixture.load('klines.json', write(klines, { days, isOver: false }), { id: ID });
    expect(report).toMatchObject({ lines: 0, newRows: 0 });
    expect(report.notes).toHaveLength(1);
    const assets = await fixture.database.read((tx) => tx.query('select id from dim_assets'));
    expect(assets).toEqual([]);
  });
});

test.each(named(KLINES.filter(({ needsAnswer }) => needsAnswer)))(
  '%s: its rows alone are refused, with the command that reads them',
  async (_, klines) => {
    const rows = JSON.stringify(DAYS.map((day) => klines.row(day, day.day * DAY_MS, true)));
    const refusal = await fixture.refusal('klines.json', rows, { id: ID });
    expect(refusal).toContain('the layout is none that barwright knows');
    expect(refusal).toMatch(/--map date=1,open=2,/);
  },
);

test.each([
  ['Bitfinex', (d: FileDay, ms: number) => [ms, d.open, d.close, d.high, d.low, d.volume]],
  ['KuCoin by another code', (d: FileDay, ms: number) => [ms / 1000, d.open, d.close, d.high, d.low, 1, 2]],
  ['low and high exchanged', (d: FileDay, ms: number) => [ms / 1000, d.open, d.low, d.high, d.close, 1, 2]],
  ['eight cells', (d: FileDay, ms: number) => [ms / 1000, 7, d.close, d.high, d.low, d.open, 8, 9]],
  [
    'a volume for the average',
    (d: FileDay, ms: number) => [ms / 1000, d.open, d.high, d.low, d.close, 7, 8, 9],
  ],
  ['premiums', (d: FileDay, ms: number) => [ms, -d.open, -d.low, -d.high, -d.close]],
])('%s: an order that no format has is refused', async (_, row) => {
  const rows = DAYS.map((day) => row(day, day.day * DAY_MS));
  for (const answer of [rows, { code: '100', data: rows }])
    expect(await fixture.refusal('klines.json', JSON.stringify(answer), { id: ID })).toContain(
      'the layout is none that barwright knows',
    );
  expect(await fixture.days(ID)).toEqual([]);
});

test('a coin that hardly trades: days of one price fit several orders, and the others decide', async () => {
  const days = makeDays(60).map((day, index) =>
    index % 20 === 7 ? day : { ...day, high: day.open, low: day.open, close: day.open },
  );
  const rows = days.map(({ day, low, high, open, close, volume }) => [
    (day * DAY_MS) / 1000,
    ...[low, high, open, close, volume],
  ]);
  const report = await fixture.load('candles.json', JSON.stringify(rows), { id: ID });
  expect(report.label).toBe('Coinbase candles');
  expect(await fixture.days(ID)).toEqual(
    days.map((day) => [day.day, day.open, day.high, day.low, day.close, day.volume]),
  );
});
