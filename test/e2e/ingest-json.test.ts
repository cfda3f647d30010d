/** `ingest` of JSON and of folders, as a command: what is said, what is stored, how it ends. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readEverything } from '../support/contents.js';
import { HEADER, line } from '../support/ingest.js';
import { apiQuote, siteQuote } from '../support/quotes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let root: string;
let warehouse: Warehouse;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'barwright-json-'));
  warehouse = await createWarehouse();
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(root, { recursive: true });
});
beforeEach(async () => {
  await warehouse.execute('truncate cmc_price_histories7, dim_assets');
});

function put(folder: string, name: string, content: unknown): string {
  mkdirSync(join(root, folder), { recursive: true });
  const path = join(root, folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Sets when a file was last written, in seconds after 2025 began. */
function touch(path: string, seconds: number): void {
  const at = Date.UTC(2025, 0, 1) / 1000 + seconds;
  utimesSync(path, at, at);
}

const bitcoin = (...quotes: unknown[]) => ({ data: { id: 1, name: 'Bitcoin', symbol: 'BTC', quotes } });
const closes = () =>
  warehouse.query<[number, number]>('select id, close from cmc_price_histories7 order by 1');

test('JSON is known from CSV by its content, needs no --id, is reported like CSV, and again writes nothing', async () => {
  const path = put('one', 'download.txt', bitcoin(siteQuote(9), siteQuote(8), siteQuote(5), siteQuote(4)));
  const { stdout } = await expectExit(0, warehouse.run(['ingest', path]));
  expect(stdout).toBe(
    [
      '[OK] download.txt -> Bitcoin (BTC, id 1)',
      '     4 quotes read: 4 new, 0 changed, 0 unchanged, 0 bad, 0 duplicate',
      '     days in the file: 2025-03-04 to 2025-03-09; stored: 2025-03-04 to 2025-03-09 (4 days)',
      '     earliest day written: 2025-03-04',
      '[WARNING] gaps: 2 calendar days without a price: 2025-03-06 to 2025-03-07',
      '',
    ].join('\n'),
  );
  const before = await readEverything(warehouse.database);
  const again = await expectExit(0, warehouse.run(['ingest', path, '--json']));
  expect(JSON.parse(again.stdout)).toMatchObject({
    version: 1,
    files: [{ file: 'download.txt', format: 'json', separator: null, asset: { id: 1 }, unchangedRows: 4 }],
    failures: [],
  });
  expect(await readEverything(warehouse.database)).toEqual(before);
});

test('bars and EMAs are built of JSON as of CSV', async () => {
  const days = Array.from({ length: 20 }, (_, index) => index + 1);
  const csv = put('same', 'Litecoin_1.csv', [HEADER, ...days.map((day) => line(day, day)), ''].join('\n'));
  const json = put('same', 'Bitcoin.json', {
    data: { id: 1, quotes: days.map((day) => siteQuote(day, { close: day })) },
  });
  await expectExit(0, warehouse.run(['ingest', csv, json]));
  await expectExit(0, warehouse.run(['refresh', '--all', '--skip-stale-check']));
  for (const table of ['price_bars', 'ema_points']) {
    const rows = (id: number) =>
      warehouse.query(`select (to_jsonb(t) - 'id')::text from ${table} as t where id = ${id} order by 1`);
    const built = await rows(1);
    expect(built.length).toBeGreaterThan(10);
    expect(built).toEqual(await rows(2));
  }
});

test('a bad quote stops its file with the place; --skip-bad-rows leaves it out', async () => {
  const path = put('bad', 'prices.json', bitcoin(siteQuote(1), siteQuote(2, { close: 'abc' }), siteQuote(3)));
  const refused = await expectExit(1, warehouse.run(['ingest', path]));
  expect(refused.stdout).toMatch(
    /^\[FAILED\] \S+prices\.json quotes\[1\], field quote\.close: expected a number .* found "abc"\. Nothing of this file was stored/,
  );
  expect(await closes()).toEqual([]);
  const { stdout } = await expectExit(0, warehouse.run(['ingest', path, '--skip-bad-rows']));
  expect(stdout).toMatch(/3 quotes read: 2 new, 0 changed, 0 unchanged, 1 bad/);
  expect(stdout).toMatch(/\[WARNING\] prices\.json quotes\[1\], field quote\.close: .*: left out/);
  expect(await closes()).toEqual([
    [1, 10],
    [1, 10],
  ]);
});

test('--id must agree with the file; an asset that neither names asks for --id', async () => {
  const path = put('ids', 'prices.json', bitcoin(siteQuote(1)));
  const other = await expectExit(2, warehouse.run(['ingest', path, '--id', '52']));
  expect(other.stdout).toMatch(/--id 52 was given, but "prices\.json" says that it is of id 1 \(Bitcoin\)/);
  const bare = put('ids', 'list.json', [apiQuote(1)]);
  expect((await expectExit(2, warehouse.run(['ingest', bare]))).stdout).toMatch(/say it with --id N/);
  expect(await closes()).toEqual([]);
  await expectExit(0, warehouse.run(['ingest', bare, '--id', '52']));
  expect(await closes()).toEqual([[52, 10]]);
});

test('a folder: every file by itself, oldest first, so the newest wins; bad ones are named, the others are loaded', async () => {
  const folder = join(root, 'folder');
  touch(put('folder', 'a.json', bitcoin(siteQuote(1, { close: 11 }))), 30);
  touch(put('folder', 'Bitcoin_1.csv', `${HEADER}\n${line(1, 8)}\n`), 10);
  touch(put('folder', 'b.json', bitcoin(siteQuote(1, { close: 9 }))), 20);
  touch(put('folder', 'XRP_1.csv', `${HEADER}\n${line(4)}\n`), 40);
  const broken = put('folder', 'broken.json', '{"data": {"quotes": [');
  touch(broken, 5);
  const unknown = put('folder', 'prices.csv', `${HEADER}\n${line(4)}\n`);
  touch(unknown, 6);
  put('folder', 'readme.md', 'not prices');
  const { code, stdout, stderr } = await warehouse.run(['ingest', folder, '--json']);
  expect(code).toBe(1);
  const report = JSON.parse(stdout);
  expect(report.files.map(({ file }: { file: string }) => file)).toEqual([
    ...['Bitcoin_1.csv', 'b.json', 'a.json', 'XRP_1.csv'],
  ]);
  expect(report.failures).toMatchObject([
    { file: broken, error: expect.stringContaining('is not whole JSON') },
    { file: unknown, error: expect.stringContaining('say it with --id N') },
  ]);
  expect(stderr).toMatch(/6 files: 4 stored, 2 failed\n$/);
  expect(stderr).toMatch(/\[INFO\] ignored, .*readme\.md; name a file to load it/);
  expect(report.passedOver).toEqual([join(folder, 'readme.md')]);
  expect(await closes()).toEqual([
    [1, 11],
    [52, 10],
  ]);
});

test('a folder without price files, and --id for several files, are usage errors that store nothing', async () => {
  mkdirSync(join(root, 'empty'));
  const empty = await expectExit(2, warehouse.run(['ingest', join(root, 'empty')]));
  expect(empty.stdout).toMatch(/there is no price file in the folder .*empty/);
  put('two', 'a.json', [siteQuote(1)]);
  put('two', 'b.json', [siteQuote(2)]);
  const two = await expectExit(2, warehouse.run(['ingest', join(root, 'two'), '--id', '1']));
  expect(two.stdout).toMatch(/--id names one asset, but 2 files were given/);
  expect(await closes()).toEqual([]);
});

test('several files into a table that is not ours are refused once, not file by file', async () => {
  const paths = ['a.json', 'b.json'].map((name) => put('theirs', name, bitcoin(siteQuote(1))));
  await warehouse.execute('alter table cmc_price_histories7 rename to theirs');
  await warehouse.execute('create view cmc_price_histories7 as select * from theirs');
  const { stdout } = await expectExit(2, warehouse.run(['ingest', ...paths]));
  expect(stdout.match(/cmc_price_histories7 is a view/g)).toHaveLength(1);
  await warehouse.execute('drop view cmc_price_histories7');
  await warehouse.execute('alter table theirs rename to cmc_price_histories7');
});
