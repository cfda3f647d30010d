/** Whose prices, in what money: what `ingest` learns, takes and refuses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readEverything } from '../support/contents.js';
import { HEADER, line } from '../support/ingest.js';
import { apiQuote } from '../support/quotes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let folder: string;
let warehouse: Warehouse;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-currency-'));
  warehouse = await createWarehouse();
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await warehouse.execute('truncate cmc_price_histories7, dim_assets');
});

/** A day of March 2025 with this number in the column "name". */
const inMoney = (day: number, name: string | number) => line(day).replace(';2781;', `;${name};`);

function write(file: string, content: string): string {
  const path = join(folder, file);
  writeFileSync(path, content);
  return path;
}

function ingest(lines: readonly string[], flags: readonly string[] = [], file = 'prices.csv') {
  const path = write(file, `${[HEADER, ...lines].join('\n')}\n`);
  return warehouse.run(['ingest', path, '--id', '7', ...flags]);
}

function ingestQuotes(currency: string, day: number, flags: readonly string[] = []) {
  const { quote, ...times } = apiQuote(day) as { quote: { USD: unknown } };
  const document = { data: { id: 7, quotes: [{ ...times, quote: { [currency]: quote.USD } }] } };
  return warehouse.run(['ingest', write('quotes.json', JSON.stringify(document)), ...flags]);
}

const quoteOf = async (id = 7) =>
  (await warehouse.query('select quote_currency, volume_in from dim_assets where id = $1', [id]))[0];

async function expectRefused(running: ReturnType<typeof ingest>, says: RegExp): Promise<void> {
  const { stdout } = await expectExit(2, running);
  expect(stdout).toMatch(says);
  expect(stdout.trim().split('\n')).toHaveLength(1);
}

test('the first source says the currency; another one is refused until it is meant', async () => {
  await expectExit(0, ingest([line(4), line(5)]));
  expect(await quoteOf()).toEqual(['USD', 'money']);
  const before = await readEverything(warehouse.database);
  const says =
    /^"prices.csv" holds prices in EUR, and those that are stored of id 7 are in USD: .*--accept-currency/;
  await expectRefused(ingest([inMoney(6, 2790)]), says);
  await expectRefused(ingestQuotes('EUR', 6), /^"quotes.json" holds prices in EUR, .* are in USD/);
  expect(await readEverything(warehouse.database)).toEqual(before);
  await expectExit(0, ingestQuotes('USD', 6));
  const { stdout } = await expectExit(0, ingest([inMoney(6, 2790)], ['--accept-currency']));
  expect(stdout).toContain('[WARNING] id 7 is in EUR from now on');
  expect(await quoteOf()).toEqual(['EUR', 'money']);
  await expectRefused(ingest([line(7)]), /holds prices in USD, .* are in EUR/);
});

test('a file that says nothing is taken; --currency says it, and does not contradict the file', async () => {
  await expectExit(0, ingest([inMoney(4, '')]));
  expect(await quoteOf()).toEqual([null, null]);
  await expectExit(0, ingest([inMoney(5, '')], ['--currency', 'eur']));
  expect(await quoteOf()).toEqual(['EUR', null]);
  await expectExit(0, ingest([inMoney(6, '')]));
  await expectRefused(ingest([inMoney(6, '')], ['--currency', 'CHF']), /holds prices in CHF, .* in EUR/);
  await expectRefused(ingest([line(6)], ['--currency', 'EUR']), /^--currency EUR was given, but .* in USD/);
  await expectExit(2, ingest([inMoney(6, '')], ['--currency', 'money!']));
});

test('two currencies in one file are refused; an unknown number is warned about and nothing is concluded', async () => {
  await expectRefused(
    ingest([line(4), inMoney(5, 2790)]),
    /holds prices in EUR and USD \(its column "name"\)/,
  );
  const { stdout } = await expectExit(0, ingest([inMoney(4, 99999)]));
  expect(stdout).toMatch(/\[WARNING\] the column "name" of prices.csv says 99999, .*--currency/);
  expect(await quoteOf()).toEqual([null, null]);
});

test('JSON of one currency is of that one, also when it is not the dollar', async () => {
  await expectExit(0, ingestQuotes('EUR', 4));
  expect(await quoteOf()).toEqual(['EUR', 'money']);
  expect(await warehouse.query('select close from cmc_price_histories7')).toEqual([[10]]);
  await expectRefused(ingestQuotes('USD', 5), /holds prices in USD, .* are in EUR/);
});

test('dollar tokens count as dollars, and that is said once', async () => {
  await expectExit(0, ingest([line(4)]));
  const first = await expectExit(0, ingest([inMoney(5, '')], ['--currency', 'USDT']));
  expect(first.stdout).toContain('[INFO] USDT counts as USD');
  const second = await expectExit(0, ingest([inMoney(6, '')], ['--currency', 'USDT']));
  expect(second.stdout).not.toContain('counts as');
  expect(await quoteOf()).toEqual(['USD', 'money']);
});

test('a warehouse of before learns the currency from its rows: no false refusal, and none missed', async () => {
  await expectExit(0, ingest([line(4), line(5)]));
  const forget = () =>
    warehouse.execute(
      'update dim_assets set quote_currency = null, volume_in = null, quote_tokens = default',
    );
  await forget();
  await expectRefused(ingest([inMoney(6, 2790)]), /holds prices in EUR, .* are in USD/);
  await expectExit(0, ingest([inMoney(6, '')]));
  expect(await quoteOf()).toEqual(['USD', 'money']);
  // Two currencies among its rows: which is right nobody can tell, so nothing is refused.
  await forget();
  await warehouse.execute(
    `update cmc_price_histories7 set name = '2790' where timestamp::date = '2025-03-04'`,
  );
  const { stdout } = await expectExit(0, ingest([line(7)]));
  expect(stdout).toContain('[WARNING] stored days of id 7 are in EUR and USD: "barwright asset add 7');
  await expectExit(0, warehouse.run(['asset', 'add', '7', '--currency', 'EUR']));
  await expectRefused(ingest([line(8)]), /are in EUR/);
});

test('a file name that names another known asset than --id is refused, until it is meant', async () => {
  const file = 'Ethereum_3_1_2025-3_9_2025_historical_data_coinmarketcap.csv';
  await expectRefused(
    ingest([line(4)], [], file),
    /^--id 7 was given, but "Ethereum_\S+" names Ethereum, which is id 1027: .*--accept-name/,
  );
  await expectExit(0, ingest([line(4)], ['--accept-name'], file));
  await expectExit(0, ingest([line(4)], [], file.replace('Ethereum', 'Nobody')));
  expect(await warehouse.query('select id from dim_assets')).toEqual([[7]]);
});

test('--id is never refused because two assets share a name', async () => {
  await warehouse.execute(`insert into dim_assets (id, name) values (7, 'Twin'), (8, 'twin')`);
  await expectExit(0, ingest([line(4)], [], 'Twin_1_1_2025.csv'));
  await expectRefused(
    warehouse.run(['ingest', write('Twin_2_1_2025.csv', `${HEADER}\n${line(5)}\n`), '--id', '9']),
    /names Twin, which is id 7, 8/,
  );
});

test('asset list shows the currency', async () => {
  await expectExit(0, ingest([line(4)]));
  await warehouse.execute('insert into dim_assets (id) values (8)');
  const { stdout } = await expectExit(0, warehouse.run(['asset', 'list']));
  expect(stdout).toMatch(/ 7 {2}\(no name\) {2}crypto {2}in USD\n[^8]*8 {2}\(no name\) {2}crypto\n/);
  const { stdout: json } = await expectExit(0, warehouse.run(['asset', 'list', '--json']));
  expect(JSON.parse(json).assets.map((asset: { quoteCurrency: string }) => asset.quoteCurrency)).toEqual([
    'USD',
    null,
  ]);
});
