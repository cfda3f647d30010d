/** `ingest --exchange`: ccxt's own code against an exchange on this machine, and what is said where ccxt is not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CCXT } from '../support/ccxt.js';
import { readEverything } from '../support/contents.js';
import { DAY_MS, type ExchangeServer, type Kline, startExchange } from '../support/exchange-server.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const PAGE_SIZE = 300;
const BITCOIN = ['--exchange', 'binance', '--symbol', 'BTC/USDT', '--id', '1'];

let empty: string;
let warehouse: Warehouse;
let exchange: ExchangeServer;
/** The day that is not over, in days since 1970. It may be over before a test ends: `today` says what is expected. */
let today: number;

beforeAll(async () => {
  empty = mkdtempSync(join(tmpdir(), 'barwright-no-ccxt-'));
  warehouse = await createWarehouse();
  exchange = await startExchange(PAGE_SIZE);
});
afterAll(async () => {
  await exchange?.close();
  await warehouse?.drop();
  rmSync(empty, { recursive: true });
});
beforeEach(async () => {
  await warehouse.execute('truncate cmc_price_histories7, dim_assets, price_hole');
  exchange.faults.clear();
  exchange.asked.length = 0;
  // The candle of tomorrow keeps midnight from ending the list: it is never finished here.
  today = Math.floor(Date.now() / DAY_MS);
});

/** Days up to and with the one after `today`; those of today and after are not finished. */
function klines(count: number): Kline[] {
  return Array.from({ length: count + 2 }, (_, index) => kline(today - count + index));
}

const kline = (day: number, close = 100 + (day % 7)): Kline => [day * DAY_MS, 100, 120, 80, close, 5.5];

function ingest(flags: readonly string[] = BITCOIN, env: Record<string, string> = {}) {
  const retry = { BARWRIGHT_RETRY_DELAY_MS: '20' };
  const where = { BARWRIGHT_CCXT: CCXT ?? empty, BARWRIGHT_EXCHANGE_URL: exchange.url };
  return warehouse.run(['ingest', ...flags], { env: { ...retry, ...where, ...env } });
}

/** First day, last day, number of days. */
async function storedDays(): Promise<[number, number, number]> {
  const rows = await warehouse.query<[number, number, number]>(
    `select min(timestamp)::date, max(timestamp)::date, count(*) from cmc_price_histories7`,
  );
  return rows[0] as [number, number, number];
}

test('without ccxt one sentence says what to install, before anything is asked or written', async () => {
  const before = await readEverything(warehouse.database);
  const { stdout } = await expectExit(2, ingest(BITCOIN, { BARWRIGHT_CCXT: empty }));
  expect(stdout).toMatch(
    /^--exchange needs the library ccxt, which is not installed .*npm install --ignore-scripts ccxt@4/,
  );
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(exchange.asked).toEqual([]);
  expect(await readEverything(warehouse.database)).toEqual(before);
});

test('flags that do not belong together are refused', async () => {
  const refused = [
    ['--exchange', 'binance', '--symbol', 'BTC/USDT'],
    ['--exchange', 'binance', '--id', '1'],
    ['--symbol', 'BTC/USDT', '--id', '1'],
    ['--since', '2025-01-01'],
    ['--exchange', 'binance', '--symbol', 'BTCUSDT', '--id', '1'],
    [...BITCOIN, '--since', 'yesterday'],
    [...BITCOIN, 'prices.csv'],
    [],
  ];
  for (const flags of refused) await expectExit(2, ingest(flags));
});

describe.runIf(CCXT !== null)('with ccxt', () => {
  test('1,000 days in pages, through a 429, a cut connection and a cut answer; the day that is not over stays out', async () => {
    exchange.klines = klines(1000);
    exchange.faults.set(1, {
      status: 429,
      headers: { 'retry-after': '1' },
      body: '{"code":-1003,"msg":"Too many"}',
    });
    exchange.faults.set(3, 'reset');
    exchange.faults.set(5, { status: 200, isCut: true });
    const { stdout } = await expectExit(0, ingest([...BITCOIN, '--since', dateOf(today - 1000)]));
    const [first, last, count] = await storedDays();
    // Today, or tomorrow when midnight has passed meanwhile.
    expect([today - 1, today]).toContain(last);
    expect([first, count]).toEqual([today - 1000, last - first + 1]);
    expect(stdout).toMatch(
      /\[WARNING\] asking binance for the candles of BTC\/USDT from \S+ on failed: .*429.*try 2 of 7/,
    );
    expect(stdout.match(/\[WARNING\] asking binance/g)).toHaveLength(3);
    expect(stdout).toMatch(/\[INFO\] the candle of \d{4}-\d\d-\d\d is left out: its day is not over/);
    expect(stdout).toContain('[OK] binance BTC/USDT -> Bitcoin (BTC, id 1)\n');
    expect(stdout).toContain(
      `${count} candles read: ${count} new, 0 changed, 0 unchanged, 0 bad, 0 duplicate`,
    );
    expect(stdout).toContain('gaps: none');
    expect(exchange.asked.length).toBe(4 + 3);
    const [, throttled, next] = exchange.asked;
    expect((next?.atMs ?? 0) - (throttled?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('the next time the last ten days are asked for again: restated candles come in, and so do late ones', async () => {
    const missing = today - 4;
    exchange.klines = klines(20).filter(([openMs]) => openMs / DAY_MS !== missing);
    await expectExit(0, ingest([...BITCOIN, '--since', dateOf(today - 20)]));
    exchange.klines = klines(20).map(([openMs]) =>
      kline(openMs / DAY_MS, openMs / DAY_MS === today - 3 ? 111 : undefined),
    );
    exchange.asked.length = 0;
    const { stdout } = await expectExit(0, ingest());
    expect(exchange.asked.map(({ startTime }) => startTime / DAY_MS)).toEqual([today - 10]);
    expect(stdout).toMatch(/ [12] new, 1 changed, [78] unchanged/);
    expect(stdout).toContain('gaps: none');
    const again = await expectExit(0, ingest());
    expect(again.stdout).toMatch(/ [01] new, 0 changed, (9|10) unchanged/);
  });

  test('a hole is asked for each time; one that stayed empty seven times once in thirty days', async () => {
    const hole = today - 500;
    const all = klines(900);
    exchange.klines = all.filter(([openMs]) => openMs / DAY_MS !== hole);
    await expectExit(0, ingest([...BITCOIN, '--since', dateOf(today - 900)]));
    const asksForHole = async () => {
      exchange.asked.length = 0;
      await expectExit(0, ingest());
      return exchange.asked.some(({ startTime }) => startTime / DAY_MS === hole);
    };
    for (let time = 1; time <= 7; time += 1) expect(await asksForHole(), `time ${time}`).toBe(true);
    expect(await asksForHole()).toBe(false);
    const holes = () => warehouse.query('select id, source, day::text, asked from price_hole');
    expect(await holes()).toEqual([[1, 'binance BTC/USDT', dateOf(hole), 7]]);
    await warehouse.execute(`update price_hole set asked_at = now() - interval '30 days'`);
    exchange.klines = all;
    expect(await asksForHole()).toBe(true);
    expect(await holes()).toEqual([]);
    expect((await storedDays())[2]).toBeGreaterThanOrEqual(900);
  });

  test('a candle off midnight costs that candle, by name, and one without a time too', async () => {
    exchange.klines = klines(5).map(([openMs, ...values]) => [
      openMs + (openMs / DAY_MS === today - 3 ? DAY_MS / 3 : 0),
      ...values,
    ]);
    const { stdout } = await expectExit(0, ingest([...BITCOIN, '--since', dateOf(today - 5)]));
    expect(stdout).toMatch(
      new RegExp(
        `\\[WARNING\\] binance BTC/USDT candle 3: expected a daily candle that begins at midnight UTC, found "${dateOf(today - 3)}T08:00:00.000Z": left out`,
      ),
    );
    expect(stdout).toMatch(/[56] candles read: [45] new, 0 changed, 0 unchanged, 1 bad/);
    expect((await storedDays())[2]).toBeGreaterThanOrEqual(4);
  });

  test('a pair in another currency is refused before anything is asked for', async () => {
    await warehouse.execute(`insert into dim_assets (id, quote_currency) values (1, 'EUR')`);
    exchange.klines = klines(3);
    const { stdout } = await expectExit(2, ingest());
    expect(stdout).toMatch(
      /^"binance BTC\/USDT" holds prices in USD \(USDT\), .* are in EUR: .*--accept-currency/,
    );
    expect(exchange.asked).toEqual([]);
    const meant = await expectExit(
      0,
      ingest([...BITCOIN, '--accept-currency', '--since', dateOf(today - 3)]),
    );
    expect(meant.stdout).toContain('[INFO] USDT counts as USD');
  });

  test('volume in coins after volume in money is said', async () => {
    exchange.klines = klines(3);
    await warehouse.execute(
      `insert into cmc_price_histories7 (id, timestamp, name, close) values (1, '2025-01-01 23:59:59.999Z', '2781', 1)`,
    );
    const { stdout } = await expectExit(0, ingest([...BITCOIN, '--since', dateOf(today - 3)]));
    expect(stdout).toMatch(
      /\[WARNING\] the volume of binance BTC\/USDT is in units of the asset, .* in money/,
    );
    const again = await expectExit(0, ingest());
    expect(again.stdout).not.toContain('the volume of');
  });

  test('a candle becomes a day as the source has them: times, values, and nothing that a candle does not say', async () => {
    exchange.klines = [kline(today - 3, 110), kline(today - 2, 90)];
    await expectExit(0, ingest([...BITCOIN, '--since', dateOf(today - 3)]));
    const rows = await warehouse.query<[Record<string, unknown>]>(
      `select to_jsonb(p) - 'load_ts' from cmc_price_histories7 as p order by timestamp`,
    );
    const [up, down] = rows.map(([row]) => row);
    const from = dateOf(today - 3);
    expect(up).toEqual({
      ...{ id: 1, name: null, source_file: 'binance BTC/USDT', circulatingsupply: null, marketcap: null },
      ...{ open: 100, high: 120, low: 80, close: 110, volume: 5.5 },
      ...{
        timeopen: `${from}T00:00:00+00:00`,
        timeclose: `${from}T23:59:59.999+00:00`,
        timestamp: `${from}T23:59:59.999+00:00`,
      },
      ...{ timehigh: `${from}T23:59:59.999+00:00`, timelow: `${from}T00:00:00+00:00` },
    });
    expect(down).toMatchObject({ close: 90, timelow: `${dateOf(today - 2)}T23:59:59.999+00:00` });
    expect(down).toMatchObject({ timehigh: `${dateOf(today - 2)}T00:00:00+00:00` });
    const { report } = await warehouse.report(['refresh', '--bars']);
    expect(report.components[0]).toMatchObject({ ok: 1, rejects: 0, repairs: 0 });
    const bars = await warehouse.query('select high, low from cmc_price_bars_1d order by 1');
    expect(bars).toEqual([
      [120, 80],
      [120, 80],
    ]);
  });

  test('a candle that comes twice is one day; days of another source stay unless --since asks for them', async () => {
    exchange.klines = [kline(today - 3), kline(today - 3), kline(today - 2), kline(today - 2)];
    const twice = await expectExit(0, ingest([...BITCOIN, '--since', dateOf(today - 3)]));
    expect(twice.stdout).toMatch(/4 candles read: 2 new, 0 changed, 0 unchanged, 0 bad, 2 duplicate/);
    await warehouse.execute(
      `update cmc_price_histories7 set close = 1, marketcap = 7, source_file = 'other.csv'`,
    );
    await expectExit(0, ingest());
    const stored = () =>
      warehouse.query('select distinct close, marketcap, source_file from cmc_price_histories7');
    expect(await stored()).toEqual([[1, 7, 'other.csv']]);
    const { stdout } = await expectExit(0, ingest([...BITCOIN, '--since', dateOf(today - 2)]));
    expect(stdout).toContain('1 of the changed days had come from other.csv: this answer wins');
    expect(await stored()).toHaveLength(2);
    expect(await warehouse.query('select distinct marketcap from cmc_price_histories7')).toEqual([[7]]);
  });

  test('what cannot be asked for, or is not of UTC days, is one sentence, and nothing is stored', async () => {
    exchange.klines = klines(3);
    const unknown = await expectExit(2, ingest(['--exchange', 'binanse', ...BITCOIN.slice(2)]));
    expect(unknown.stdout).toMatch(/^--exchange expects one of the \d+ exchanges .*binance.*; got "binanse"/);
    const market = await expectExit(2, ingest([...BITCOIN.slice(0, 3), 'BTC/EUR', '--id', '1']));
    expect(market.stdout).toMatch(/^--symbol BTC\/EUR is no market of binance: it has BTC\/USDT/);
    exchange.klines = exchange.klines.map(([openMs, ...values]) => [openMs - DAY_MS / 3, ...values]);
    const shifted = await expectExit(1, ingest([...BITCOIN, '--since', dateOf(today - 3)]));
    expect(shifted.stdout).toMatch(
      /expected daily candles that begin at midnight UTC, found one that begins at \S+T16:00/,
    );
    exchange.klines = [];
    const nothing = await expectExit(1, ingest());
    expect(nothing.stdout).toMatch(/binance BTC\/USDT gave no day from 2010-01-01 on that is over/);
    exchange.faults.set(exchange.asked.length, {
      status: 451,
      body: '{"code":0,"msg":"restricted location"}',
    });
    const restricted = await expectExit(1, ingest());
    expect(restricted.stdout).toMatch(/asking binance .* failed: .*451/);
    expect((await storedDays())[2]).toBe(0);
  });

  test('an exchange that stays away is asked seven times, then said; asking again is all that is needed', async () => {
    exchange.klines = klines(2);
    for (let index = 0; index < 7; index += 1) exchange.faults.set(index, { status: 503 });
    const { stdout } = await expectExit(1, ingest());
    expect(stdout).toMatch(/\[FAILED\] asking binance for the candles of BTC\/USDT .* failed 7 times: .*503/);
    expect(exchange.asked).toHaveLength(7);
    expect((await storedDays())[2]).toBe(0);
    await expectExit(0, ingest());
    expect((await storedDays())[2]).toBeGreaterThanOrEqual(2);
  });

  test('an asset with another symbol is warned about', async () => {
    exchange.klines = klines(2);
    const { stdout } = await expectExit(0, ingest([...BITCOIN.slice(0, 4), '--id', '1027']));
    expect(stdout).toContain('[WARNING] id 1027 is ETH, and prices of BTC were asked for: is --id right?');
  });
});

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
