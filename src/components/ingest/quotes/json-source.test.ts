import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createIngestFixture, HEADER, type IngestFixture, line } from '../../../../test/support/ingest.js';
import { apiQuote, siteQuote } from '../../../../test/support/quotes.js';
import { UsageError } from '../../../domain/text/errors.js';
import { MAX_JSON_BYTES } from '../read/json/json-text.js';

let fixture: IngestFixture;

beforeAll(async () => {
  fixture = await createIngestFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

const file = 'prices.json';
const ingest = (document: unknown, options: { id?: number; skipBadRows?: boolean; file?: string } = {}) =>
  fixture.ingest(typeof document === 'string' ? document : JSON.stringify(document), { file, ...options });
const bitcoin = (quotes: unknown[]) => ({ id: 1, name: 'Bitcoin', symbol: 'BTC', quotes });
const ok = { timestamp: '2025-04-01T00:00:00.000Z', error_code: 0, error_message: null };
const rows = () =>
  fixture.query(`select id, timestamp, name, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume,
    marketcap, circulatingsupply from cmc_price_histories7 order by 1, 2`);

describe('every form says the same prices as the CSV file', () => {
  const forms: readonly (readonly [string, unknown])[] = [
    ['the site, as its data-api answers', { data: bitcoin([siteQuote(2), siteQuote(1)]), status: ok }],
    ['the site, bare', bitcoin([siteQuote(2), siteQuote(1)])],
    ['the list of quotes alone', [siteQuote(2), siteQuote(1)]],
    ['the API, of one id', { status: ok, data: bitcoin([apiQuote(2), apiQuote(1)]) }],
    ['the API, by id', { status: ok, data: { 1: bitcoin([apiQuote(2), apiQuote(1)]) } }],
  ];
  for (const [what, document] of forms) {
    test(what, async () => {
      await fixture.ingest([HEADER, line(2), line(1)]);
      const stored = await rows();
      expect(stored).toHaveLength(2);
      // Name and supply stay where the file does not speak of them.
      const again = await ingest(document, Array.isArray(document) ? { id: 1 } : {});
      expect(again).toMatchObject({ format: 'json', separator: null, lines: 2, unchangedRows: 2 });
      expect(await rows()).toEqual(stored);
      await fixture.clear();
      const fresh = await ingest(document, { id: 1 });
      expect(fresh).toMatchObject({ newRows: 2, asset: { id: 1, symbol: 'BTC', name: 'Bitcoin' } });
      const isApi = what.startsWith('the API');
      const known = ([id, timestamp, name, ...rest]: unknown[]) =>
        isApi ? [id, timestamp, null, ...rest.slice(0, -1), null] : [id, timestamp, name, ...rest];
      expect(await rows()).toEqual(stored.map(known));
    });
  }
});

describe('the asset', () => {
  test('is the one that the file says, whatever its name; symbol and name go to dim_assets', async () => {
    const data = { id: 40_000, name: 'Newcoin', symbol: 'NEW', quotes: [siteQuote(1)] };
    const report = await ingest({ data }, { file: 'Bitcoin_1_1_2025.json' });
    expect(report.asset).toEqual({ id: 40_000, name: 'Newcoin', symbol: 'NEW' });
    expect(await fixture.query('select id, symbol, name from dim_assets')).toEqual([
      [40_000, 'NEW', 'Newcoin'],
    ]);
    // From then on a CSV file finds it by that name.
    expect(await fixture.ingest([HEADER, line(2)], { file: 'Newcoin_1.csv' })).toMatchObject({
      asset: { id: 40_000 },
    });
  });

  test('of --id must be that of the file', async () => {
    const refused = ingest({ data: bitcoin([siteQuote(1)]) }, { id: 2 });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow('"prices.json" says that it is of id 1 (Bitcoin)');
    expect(await rows()).toEqual([]);
  });

  test('is asked for when neither content nor name says it', async () => {
    await expect(ingest([siteQuote(1)])).rejects.toThrow('say it with --id N');
    expect(await ingest([siteQuote(1)], { file: 'Litecoin_1_1_2025.json' })).toMatchObject({
      asset: { id: 2 },
    });
  });

  test.each([0, -1, 1.5, 2 ** 31, 'one', true])('with the id %j is no asset', async (id) => {
    await expect(ingest({ id, quotes: [siteQuote(1)] })).rejects.toThrow(/expected "id" to be .*, found/);
  });
});

test('null, "", NaN and Infinity are empty, as in CSV; text that looks like them is text; −0 is 0', async () => {
  const odd = siteQuote(1, {
    open: null,
    high: '',
    low: 'NaN',
    volume: -0,
    marketCap: '2.5E+12',
    name: 'NaN"',
  });
  const text = JSON.stringify(bitcoin([odd, siteQuote(2)])).replace('"close":10', '"close": -Infinity');
  expect(text).toContain('-Infinity');
  expect(await ingest(text.replace('"volume":0', '"volume":-0'))).toMatchObject({ newRows: 2 });
  expect((await rows())[0]?.slice(2)).toEqual([
    'NaN"',
    ...[expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)],
    ...[null, null, null, null, 0, 2.5e12, 19_000_000],
  ]);
});

describe('a bad quote stops the file with its place and stores nothing, or is left out alone when asked', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['text in a number', siteQuote(2, { close: '1O5' }), 'field quote.close: expected a number'],
    ['true', siteQuote(2, { close: true }), 'field quote.close: expected a number'],
    ['no close', siteQuote(2, { close: undefined }), 'field quote.close: expected a number'],
    ['no timestamp', siteQuote(2, { timestamp: null }), 'field quote.timestamp: expected a time'],
    ['a time as a number', { ...siteQuote(2), timeHigh: 1 }, 'field timeHigh: expected a time'],
    ['no quote', { ...siteQuote(2), quote: null }, 'field quote: expected an object with open'],
    ['a list for a number', siteQuote(2, { close: [1] }), 'field quote.close: expected a number'],
    ['no object', 7, 'quotes[1]: expected an object with timeOpen'],
    [
      'other currencies only',
      { ...apiQuote(2), quote: { EUR: { close: 1 }, GBP: { close: 1 } } },
      'field quote.USD: expected an object with open, high, low, close, volume, market_cap, timestamp: prices in USD',
    ],
    ['NUL in the name', siteQuote(2, { name: 'a\0b' }), 'field quote.name: expected text in UTF-8'],
  ];
  for (const [what, bad, message] of cases) {
    test(what, async () => {
      const document = { data: bitcoin([siteQuote(1), bad, siteQuote(3)]) };
      const failure = await ingest(document).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'BadLineError' });
      expect(String(failure)).toContain(`${file} quotes[1]`);
      expect(String(failure)).toContain(message);
      expect(String(failure)).toContain('--skip-bad-rows keeps the good quotes');
      expect(await rows()).toEqual([]);
      expect(await fixture.query('select count(*) from dim_assets')).toEqual([[0]]);
      expect(await ingest(document, { skipBadRows: true })).toMatchObject({
        ...{ lines: 3, newRows: 2, badLines: 1, firstBad: [{ line: 1 }] },
      });
      expect((await fixture.storedCloses()).map(([day]) => day)).toEqual([1, 3]);
    });
  }

  test('a quote that is nested a hundred thousand deep', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    await expect(ingest(`{"id":1,"quotes":[${deep}]}`)).rejects.toThrow(
      'quotes[0]: expected an object with timeOpen, timeClose, timeHigh, timeLow, quote, found "a list"',
    );
  });

  test('a number beyond a double', async () => {
    const text = JSON.stringify(bitcoin([siteQuote(1)])).replace('"close":10', '"close":1e999');
    await expect(ingest(text)).rejects.toThrow(
      'quotes[0], field quote.close: expected a number like 1234.5 or 2.28E+12, or null, found "a number too large to hold"',
    );
  });
});

test('of several quotes for one time the first wins; of several files the last', async () => {
  const report = await ingest(bitcoin([siteQuote(1, { close: 11 }), siteQuote(1, { close: 9 })]));
  expect(report).toMatchObject({
    newRows: 1,
    duplicates: 1,
    firstDuplicates: [{ keptLine: 0, droppedLine: 1, isOther: true }],
  });
  expect(await fixture.storedCloses()).toEqual([[1, 11]]);
  await fixture.ingest([HEADER, line(1, 12)]);
  expect(await ingest(bitcoin([siteQuote(1, { close: 8 })]))).toMatchObject({ changedRows: 1 });
  expect(await fixture.storedCloses()).toEqual([[1, 8]]);
});

test('where the times of high and low are not known, they may be missing', async () => {
  const { timeHigh, timeLow, ...rest } = siteQuote(1);
  expect([timeHigh, timeLow]).toEqual([expect.any(String), expect.any(String)]);
  await ingest(bitcoin([rest]));
  expect((await rows())[0]?.slice(5, 7)).toEqual([null, null]);
});

describe('a document that is no list of prices is refused in words', () => {
  const whole = JSON.stringify({ data: bitcoin([siteQuote(1), siteQuote(2)]) });
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['an empty object', {}, 'holds no days with their prices: expected a list of records, one a day'],
    ['data that is null', { data: null }, 'holds no days with their prices'],
    ['quotes that are no list', { quotes: {} }, 'found none'],
    ['no quotes', bitcoin([]), '"quotes" is empty'],
    [
      'several assets',
      { data: { 1: bitcoin([apiQuote(1)]), 2: { id: 2, quotes: [apiQuote(1)] } } },
      'holds the quotes of 2 assets: expected one asset a file',
    ],
    [
      "CoinMarketCap's error",
      { status: { error_code: '1001', error_message: 'This API Key is invalid.' } },
      "holds no prices but an error of CoinMarketCap's, 1001: This API Key is invalid.",
    ],
    ['JSON that was cut', whole.slice(0, -10), 'is not whole JSON'],
    ['what only begins like JSON', '{timeOpen;close}', 'is not whole JSON'],
    ['lists thousands deep', `${'['.repeat(5000)}${']'.repeat(5000)}`, 'holds no days with their prices'],
    [
      'objects thousands deep',
      `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
      'holds no days with their prices',
    ],
  ];
  for (const [what, document, message] of cases) {
    test(what, async () => {
      await expect(ingest(document)).rejects.toThrow(message);
      expect(await rows()).toEqual([]);
    });
  }

  test('wherever a file is cut, nothing of it is stored', async () => {
    for (let end = 1; end < whole.length; end += 37)
      await expect(ingest(whole.slice(0, end))).rejects.toThrow('is not whole JSON');
    expect(await rows()).toEqual([]);
  });

  test('more than 32 MB', async () => {
    expect(MAX_JSON_BYTES).toBe(33_554_432);
    await expect(ingest(`[${' '.repeat(MAX_JSON_BYTES)}]`)).rejects.toThrow(
      'is larger than 32 MB, the most that a JSON document may have: split it by years',
    );
  });
});

test('the content decides the format, not the name; BOM and blanks before it do not matter', async () => {
  const text = `\ufeff\r\n  ${JSON.stringify(bitcoin([siteQuote(1)]), null, 2)}\r\n`;
  expect(await ingest(text, { file: 'prices.csv' })).toMatchObject({ format: 'json', newRows: 1 });
  for (const chunkBytes of [1, 2, 3, 7]) {
    expect(await fixture.ingest(text, { file, chunkBytes })).toMatchObject({ unchangedRows: 1 });
  }
  expect(await fixture.ingest([HEADER, line(2)], { file: 'Bitcoin_1.json' })).toMatchObject({
    ...{ format: 'csv', newRows: 1 },
  });
});

/** A quote that may be of any hour. */
const untimed = (quote: ReturnType<typeof siteQuote>): object => ({
  ...quote,
  timeOpen: null,
  timeClose: null,
});

test('14,000 quotes go through in batches, each in its place', async () => {
  const quotes: object[] = Array.from({ length: 14_000 }, (_, index) =>
    untimed(siteQuote(1, { timestamp: new Date(index * 3_600_000).toISOString(), close: index + 1 })),
  );
  expect(await ingest(bitcoin(quotes))).toMatchObject({ lines: 14_000, newRows: 14_000 });
  expect(
    await fixture.query('select count(*), min(close), max(close), sum(close) from cmc_price_histories7'),
  ).toEqual([[14_000, 1, 14_000, 98_007_000]]);
  quotes[12_345] = siteQuote(1, { close: 'x' });
  await expect(ingest(bitcoin(quotes))).rejects.toThrow('prices.json quotes[12345], field quote.close');
});
