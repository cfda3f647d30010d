/** `ingest --coinmarketcap`: a server of this machine that answers as the API is documented to. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Answer, type HttpServer, startHttpServer } from '../support/http-server.js';
import { apiQuote } from '../support/quotes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

/** It survives every encoding, so that one word finds all spellings. */
const KEY = `xq7cmckey${process.pid}z`;
const SINCE = ['--since', '2025-03-05'];

let warehouse: Warehouse;
let server: HttpServer;

beforeAll(async () => {
  warehouse = await createWarehouse();
  server = await startHttpServer();
});
afterAll(async () => {
  await server?.close();
  await warehouse?.drop();
});
beforeEach(async () => {
  await warehouse.execute('truncate cmc_price_histories7, dim_assets');
  server.seen.length = 0;
});

/** Runs it against the server, with these answers in this order; nothing that it says has the key in it. */
async function ingest(answers: Answer[], flags: readonly string[] = SINCE, env: Record<string, string> = {}) {
  server.answers = answers;
  const settings = { CMC_API_KEY: KEY, CMC_API_URL: server.url, BARWRIGHT_RETRY_DELAY_MS: '20', ...env };
  const end = await warehouse.run(['ingest', '--coinmarketcap', '--id', '1', ...flags], { env: settings });
  expect(end.stdout + end.stderr).not.toContain(KEY);
  return end;
}

const answer = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });
const status = (code: number, message: string | null) => ({
  status: { error_code: code, error_message: message },
});

/** As /v2/cryptocurrency/ohlcv/historical gives one asset that was asked for by its id. */
const days = (...march: number[]) =>
  answer({
    ...status(0, null),
    data: { id: 1, name: 'Bitcoin', symbol: 'BTC', quotes: march.map((day) => apiQuote(day)) },
  });

const closes = () =>
  warehouse.query('select timestamp::date::text, close from cmc_price_histories7 order by 1');

test('days since one are asked for in dollars with the key in a header, and stored as those of a file', async () => {
  const { stdout } = await expectExit(0, ingest([days(4, 5, 6, 7)]));
  const [request] = server.seen;
  const { pathname, searchParams } = new URL(request?.path ?? '', server.url);
  expect(pathname).toBe('/v2/cryptocurrency/ohlcv/historical');
  const { time_end: end = '', count = '', ...question } = Object.fromEntries(searchParams);
  // The day of time_start is not in what the API gives, that of time_end is: yesterday.
  expect(question).toEqual({
    id: '1',
    convert: 'USD',
    time_period: 'daily',
    interval: 'daily',
    time_start: '2025-03-04',
  });
  expect(Number(count)).toBe((Date.parse(end) - Date.parse('2025-03-04')) / 86_400_000);
  expect(Math.abs(Date.now() - 86_400_000 - Date.parse(end))).toBeLessThan(2 * 86_400_000);
  expect(request?.headers['x-cmc_pro_api_key']).toBe(KEY);
  expect(request?.path).not.toContain(KEY);
  expect(stdout).toContain('[OK] CoinMarketCap API -> Bitcoin (BTC, id 1)\n     3 quotes read: 3 new');
  expect(stdout).toContain('days in the answer: 2025-03-05 to 2025-03-07');
  expect(await closes()).toEqual([5, 6, 7].map((day) => [`2025-03-0${day}`, 10]));
  const [row] = await warehouse.query(
    'select timehigh::text, marketcap, volume, source_file from cmc_price_histories7',
  );
  expect(row).toEqual(['2025-03-05 05:00:00+00', 2.5e12, 1000, 'CoinMarketCap API']);
});

test('the next time it asks for its newest days again, and for what is new; an answer without days is nothing new', async () => {
  await expectExit(0, ingest([days(5, 6)]));
  server.seen.length = 0;
  await expectExit(0, ingest([days(6, 7)], []));
  expect(server.seen[0]?.path).toContain('time_start=2025-03-04&');
  expect(await closes()).toHaveLength(3);
  const { stdout } = await expectExit(0, ingest([days()], []));
  expect(stdout).toContain('0 quotes read: 0 new, 0 changed, 0 unchanged');
  await warehouse.execute('truncate cmc_price_histories7');
  const nothing = await expectExit(1, ingest([days()], []));
  expect(nothing.stdout).toMatch(/CoinMarketCap API gave no day from 2010-01-01 on that is over/);
});

test('too many requests, a cut answer and a server that is away are asked again; a refusal is said at once', async () => {
  const away: Answer[] = [answer(status(1008, 'too many'), 429), 'reset', { status: 502, body: '<html>' }];
  const cut: Answer = { ...(days(5) as Answer & object), isCut: true };
  const { stdout } = await expectExit(0, ingest([...away, cut, days(5)]));
  expect(
    stdout.match(/\[WARNING\] asking CoinMarketCap for id 1 from 2025-03-05 on failed: .*trying again/g),
  ).toHaveLength(4);
  expect(stdout).toContain('failed: HTTP 429: 1008, too many; trying again');
  expect(server.seen).toHaveLength(5);
  for (const code of [400, 401, 402, 403]) {
    server.seen.length = 0;
    const refused = await expectExit(1, ingest([answer(status(1001, `Key ${KEY} is invalid`), code)]));
    expect(refused.stdout).toMatch(
      new RegExp(
        `^\\[FAILED\\] asking CoinMarketCap .* failed: HTTP ${code}: 1001, Key \\*\\*\\* is invalid`,
      ),
    );
    expect(server.seen).toHaveLength(1);
  }
});

test('the key follows no redirect', async () => {
  const other = await startHttpServer([days(5)]);
  try {
    await expectExit(1, ingest([{ status: 302, headers: { location: `${other.url}/elsewhere` } }]));
    expect(other.seen).toEqual([]);
  } finally {
    await other.close();
  }
});

test('a bad quote, another asset, and an answer that is none are refused whole', async () => {
  const bad = [apiQuote(5), { ...apiQuote(6), time_open: 'morning' }];
  const data = { id: 1, name: 'Bitcoin', symbol: 'BTC', quotes: bad };
  const refused = await expectExit(1, ingest([answer({ data })]));
  expect(refused.stdout).toMatch(
    /CoinMarketCap API quotes\[1\], field time_open: .*Nothing of this answer was stored/,
  );
  await expectExit(2, ingest([answer({ data: { ...data, id: 2 } })]));
  await expectExit(1, ingest([{ status: 200, body: 'hello' }]));
  expect(await closes()).toEqual([]);
  await expectExit(0, ingest([answer({ data })], [...SINCE, '--skip-bad-rows']));
  expect(await closes()).toHaveLength(1);
});

test('without a key, with half a key, or with an address that would give it away nothing is asked', async () => {
  const none = await expectExit(2, ingest([days(5)], SINCE, { CMC_API_KEY: ' ' }));
  expect(none.stdout).toBe('--coinmarketcap needs a key of its API: set CMC_API_KEY in the environment\n');
  await expectExit(2, ingest([days(5)], SINCE, { CMC_API_KEY: `${KEY}\n${KEY}` }));
  await expectExit(2, ingest([days(5)], SINCE, { CMC_API_URL: 'http://example.com' }));
  await expectExit(2, ingest([days(5)], ['--exchange', 'kraken']));
  await expectExit(2, ingest([days(5)], ['prices.csv']));
  expect(server.seen).toEqual([]);
});
