/** `ingest` and `asset` as commands: what a file may be like, and what is said and stored of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { readEverything } from '../support/contents.js';
import { HEADER, line } from '../support/ingest.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../support/warehouse.js';

const BITCOIN = 'Bitcoin_3_1_2025-3_9_2025_historical_data_coinmarketcap.csv';
let folder: string;
let warehouse: Warehouse;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-files-'));
  warehouse = await createWarehouse();
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await warehouse.execute('truncate cmc_price_histories7, dim_assets');
});

/** Writes a file and ingests it. */
function ingest(content: string | readonly string[], file = BITCOIN, flags: readonly string[] = []) {
  const path = join(folder, file);
  writeFileSync(path, typeof content === 'string' ? content : `${content.join('\n')}\n`);
  return warehouse.run(['ingest', path, ...flags]);
}

const countRows = async () =>
  (await warehouse.query<[number]>('select count(*) from cmc_price_histories7'))[0]?.[0];

/** Runs of which nothing may stay, and what they must say. */
async function expectRefused(code: number, content: string | readonly string[], says: RegExp): Promise<void> {
  const untouched = await readEverything(warehouse.database);
  const { stdout } = await expectExit(code, ingest(content));
  expect(stdout).toMatch(says);
  expect(await readEverything(warehouse.database)).toEqual(untouched);
}

test('a file is reported: lines, days, gaps; again, and nothing is written', async () => {
  const lines = [HEADER, line(9), line(8), line(5), line(4)];
  const { stdout } = await expectExit(0, ingest(lines));
  expect(stdout).toBe(
    [
      `[OK] ${BITCOIN} -> Bitcoin (BTC, id 1)`,
      '     4 lines read: 4 new, 0 changed, 0 unchanged, 0 bad, 0 duplicate',
      '     days in the file: 2025-03-04 to 2025-03-09; stored: 2025-03-04 to 2025-03-09 (4 days)',
      '     earliest day written: 2025-03-04',
      '[WARNING] gaps: 2 calendar days without a price: 2025-03-06 to 2025-03-07',
      '',
    ].join('\n'),
  );
  const before = await readEverything(warehouse.database);
  const again = await expectExit(0, ingest(lines));
  expect(again.stdout).toContain('4 lines read: 0 new, 0 changed, 4 unchanged');
  expect(await readEverything(warehouse.database)).toEqual(before);
});

test('BOM, CRLF, commas, blanks in the header, an older header: all the same rows', async () => {
  const shortHeader = HEADER.replace(';circulatingSupply', '');
  const shortLine = line(4).replace(';19000000', '');
  const files = [
    `\u{feff}${HEADER}\r\n${line(4)}\r\n`,
    `${HEADER.replaceAll(';', ' ; ')}\n${line(4)}`,
    `${HEADER.replaceAll(';', ',')}\n${line(4).replaceAll(';', ',')}\n`,
    `${shortHeader}\n${shortLine}\n`,
  ];
  const select = `select to_jsonb(p) - '{load_ts,circulatingsupply}'::text[] from cmc_price_histories7 p`;
  for (const file of files) {
    await warehouse.execute('truncate cmc_price_histories7');
    await expectExit(0, ingest(file));
    const [[row] = []] = await warehouse.query<[Record<string, unknown>]>(select);
    expect(row).toMatchObject({ id: 1, name: '2781', close: 10, marketcap: 2.5e12, source_file: BITCOIN });
    expect(row?.timestamp).toMatch(/^2025-03-04T23:59:59\.999/);
  }
});

test('text in a number, a wrong number of cells, no timestamp: file, line, column; nothing of it is stored', async () => {
  const good = line(4);
  await expectRefused(
    1,
    [HEADER, good, line(5, 'abc')],
    /Bitcoin_\S+ line 3, column close: expected .*, found "abc"/,
  );
  await expectRefused(1, [HEADER, good, good.slice(0, 90)], /line 3.*: expected .*/);
  await expectRefused(
    1,
    [HEADER, good.replace(/[^;]+$/, '')],
    /line 2, column timestamp: expected .*, found ""/,
  );
  await expectRefused(
    1,
    [HEADER, good.replace('T05:00', ' five')],
    /line 2, column timeHigh: expected .*, found /,
  );
  await expectRefused(1, ['time;price', '1;2'], /line 1/);
  await expectRefused(1, HEADER, /no lines after it/);
  await expectRefused(1, '', /is empty/);
});

test('--skip-bad-rows keeps the good lines and names the bad ones', async () => {
  const lines = [HEADER, line(4), line(5, 'abc'), line(6)];
  const { stdout } = await expectExit(0, ingest(lines, BITCOIN, ['--skip-bad-rows']));
  expect(stdout).toContain('3 lines read: 2 new, 0 changed, 0 unchanged, 1 bad, 0 duplicate');
  expect(stdout).toMatch(/\[WARNING\] \S+ line 3, column close: expected .*, found "abc": left out/);
  expect(await countRows()).toBe(2);
});

test('two lines of one day: the first wins; two files: the last wins; both are said', async () => {
  const twice = await expectExit(0, ingest([HEADER, line(4, 11), line(4, 9)]));
  expect(twice.stdout).toMatch(
    /\[WARNING\] 1 line repeats the timestamp of an earlier line: 3 \(2 is kept, which has other values\)/,
  );
  const other = await expectExit(0, ingest([HEADER, line(4, 10.5)], 'Bitcoin_2_later.csv'));
  expect(other.stdout).toContain(`1 of the changed days had come from ${BITCOIN}: this file wins`);
  expect(await warehouse.query('select close from cmc_price_histories7')).toEqual([[10.5]]);
});

test('empty cells, NULL, NaN and infinities are stored as NULL: judging them is the 1D builder', async () => {
  const lines = [HEADER, line(4, ''), line(5, 'NaN'), line(6, 'Infinity'), line(7, 'NULL'), line(8)];
  await expectExit(0, ingest(lines));
  expect(await warehouse.query('select close from cmc_price_histories7 order by timestamp')).toEqual([
    [null],
    [null],
    [null],
    [null],
    [10],
  ]);
  const { report } = await warehouse.report(['refresh', '--bars']);
  expect(report.components[0]).toMatchObject({ ok: 1, rejects: 4 });
  const status = await expectExit(0, warehouse.run(['status', '--json']));
  expect(JSON.parse(status.stdout).assets[0]).toMatchObject({ id: 1, rejects: 4, firstDay: '2025-03-08' });
});

test('the asset comes from the file name or from --id; an unknown name asks for --id', async () => {
  const unknown = await expectExit(2, ingest([HEADER, line(4)], 'Nocoin_3_1_2025.csv'));
  expect(unknown.stdout).toMatch(/"Nocoin" .*--id/);
  expect(await countRows()).toBe(0);
  await expectExit(0, ingest([HEADER, line(4)], 'Nocoin_3_1_2025.csv', ['--id', '77']));
  await expectExit(0, warehouse.run(['asset', 'add', '78', '--name', 'Somecoin', '--symbol', 'SOME']));
  await expectExit(0, ingest([HEADER, line(4)], 'somecoin_1.csv'));
  expect(await warehouse.query('select id from cmc_price_histories7 order by 1')).toEqual([[77], [78]]);
  for (const id of ['0', '-1', 'x', '1,2', 'all']) {
    const wrong = await ingest([HEADER, line(4)], BITCOIN, [`--id=${id}`]);
    expect(wrong.code, wrong.stdout).toBe(2);
    expect(wrong.stdout).toContain(`"${id}"`);
  }
});

test('of several files each is its own transaction: a bad one is named, the others are stored', async () => {
  const paths = ['Bitcoin_1.csv', 'Litecoin_1.csv', 'XRP_1.csv'].map((name) => join(folder, name));
  writeFileSync(paths[0] ?? '', `${HEADER}\n${line(4)}\n`);
  writeFileSync(paths[1] ?? '', `${HEADER}\n${line(4)}\n${line(5, 'abc')}\n`);
  writeFileSync(paths[2] ?? '', `${HEADER}\n${line(4)}\n`);
  const { code, stdout, stderr } = await warehouse.run(['ingest', ...paths, '--json']);
  expect(code).toBe(1);
  const report = JSON.parse(stdout);
  expect(report.files.map(({ asset }: { asset: { id: number } }) => asset.id)).toEqual([1, 52]);
  expect(report.failures).toMatchObject([{ file: paths[1] }]);
  expect(stderr).toMatch(/\[FAILED\] .*Litecoin_1\.csv line 3, column close/);
  expect(await warehouse.query('select id from dim_assets order by 1')).toEqual([[1], [52]]);
  const missing = await warehouse.run(['ingest', join(folder, 'Bitcoin_nowhere_1.csv')]);
  expect(missing.code).not.toBe(0);
  expect(missing.stdout).toMatch(/Bitcoin_nowhere_1\.csv/);
});

test("prices that are somebody else's are never written", async () => {
  await warehouse.execute('alter table cmc_price_histories7 rename to theirs');
  await warehouse.execute('create view cmc_price_histories7 as select * from theirs');
  const { stdout } = await expectExit(2, ingest([HEADER, line(4)]));
  expect(stdout).toMatch(/cmc_price_histories7 is a view.*never written.*--schema/);
  await warehouse.execute('drop view cmc_price_histories7');
  await warehouse.execute('alter table theirs rename to cmc_price_histories7');
});

test('asset add registers, changes and repeats; asset list shows what there is', async () => {
  const add = (...args: string[]) => expectExit(0, warehouse.run(['asset', 'add', ...args]));
  expect((await add('1', '--symbol', 'BTC')).stdout).toBe('[OK] asset 1 is registered\n');
  await add('1', '--name', 'Bitcoin');
  expect((await add('1', '--symbol', 'BTC')).stdout).toMatch(/registered already, nothing changed/);
  await add('5', '--asset-class', 'equity');
  await warehouse.execute('insert into dim_assets (id, name, active) values (9, $$Old$$, false)');
  const list = await expectExit(0, warehouse.run(['asset', 'list']));
  const calendarOf = (words: string) => `          calendar none: ${words}\n`;
  expect(list.stdout).toBe(
    `       1  BTC · Bitcoin  crypto\n${calendarOf('no new day is expected')}` +
      `       5  (no name)  equity\n${calendarOf('it has no bar yet')}       9  Old  crypto  retired\n3 assets\n`,
  );
  const json = await expectExit(0, warehouse.run(['asset', 'list', '--json']));
  expect(JSON.parse(json.stdout).assets).toHaveLength(3);
  for (const id of ['0', 'x', '1,2', '99999999999'])
    expect((await warehouse.run(['asset', 'add', id])).code).toBe(2);
  expect((await warehouse.run(['asset', 'add', '1', '--name', ' '])).code).toBe(2);
  expect((await runCli(['asset', 'list'])).code).toBe(2);
  // A registered asset without prices is skipped by name, without a child, and does not look like success.
  const { code, report } = await warehouse.report(['refresh', '--all', '--ids', '5']);
  expect(code).toBe(3);
  expect(reasonOf(report, 'bars', 5)).toBe('the source has no prices for it up to now');
  expect(reasonOf(report, 'emas', 5)).toBe('bars skipped: the source has no prices for it up to now');
  expect(report.components.map(({ returnCode }) => returnCode)).toEqual([0, 0]);
});
