/** `db backup` and `db restore`: everything as plain files and back, on this server and from one version to another. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest } from '../../src/storage/backup/manifest.js';
import { checkSchema, migrate } from '../../src/storage/schema/migrate.js';
import { createBackupFolder, createEmptyWarehouse, filesOf } from '../support/backups.js';
import { readContents, readRecords, readVersions } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { holdAsset, holdTable, waitForNoWaiter, waitForWaiter } from '../support/locks.js';
import { findProgram } from '../support/programs.js';
import { createUserTable } from '../support/user-table.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const PEAK_MEMORY = new URL('../fixtures/children/peak-memory.mjs', import.meta.url).href;
const folder = createBackupFolder();
const { newPath } = folder;
afterAll(() => folder.remove());

async function hashOf(warehouse: Warehouse): Promise<string> {
  const { stdout } = await expectExit(0, warehouse.run(['verify', '--json']));
  return (JSON.parse(stdout) as { sha256: string }).sha256;
}

/** What is hard to write down: text of every kind, extremes, NULL beside the empty text, a row that was refused. */
async function addOddities(warehouse: Warehouse): Promise<void> {
  await warehouse.execute(
    `update dim_assets set symbol = '', name = e'a "quoted", \\\\N, tab\\t, line\\nend \\\\. ü €' where id = 1`,
  );
  await warehouse.execute(
    `update cmc_price_histories7 set marketcap = 0.1::float8 + 0.2::float8, volume = 1.7976931348623157e308 / 1e290,
       name = null, source_file = '' where id = 1 and timestamp = (select min(timestamp) from cmc_price_histories7)`,
  );
  await warehouse.execute(
    `update cmc_price_histories7 set close = 'NaN' where id = 2 and timestamp = (select max(timestamp) from cmc_price_histories7)`,
  );
  await warehouse.execute(`insert into dim_assets (id, symbol, active) values (77, null, false)`);
}

/** Both ways between two servers of different versions; where there is one server, from it to it. */
const DIRECTIONS = SERVERS.flatMap((from) => SERVERS.map((to) => ({ from, to }))).filter(
  ({ from, to }) => SERVERS.length === 1 || from !== to,
);

describe.each(DIRECTIONS)('from $from.server to $to.server', ({ from, to }) => {
  let original: Warehouse;
  let restored: Warehouse;
  const backup = newPath();

  beforeAll(async () => {
    original = await createWarehouse(from.options, [{ ids: [1, 2], days: 150 }]);
    await expectExit(0, original.run(['refresh', '--bars', '--ids', '1,2']));
    await addOddities(original);
    await expectExit(0, original.run(['refresh', '--all']));
    restored = await createEmptyWarehouse(to.options);
  });
  afterAll(async () => {
    await original?.drop();
    await restored?.drop();
  });

  test('a backup is files that only their owner may read, and a manifest that describes each', async () => {
    const { stdout } = await expectExit(0, original.run(['db', 'backup', backup]));
    expect(stdout).toMatch(/\[OK\] price_bars\.csv\.gz: \d+ rows\n/);
    expect(statSync(backup).mode & 0o777).toBe(0o700);
    const manifest = await readManifest(backup);
    expect(readdirSync(backup).sort()).toEqual(
      ['manifest.json', ...manifest.tables.map(({ table }) => `${table}.csv.gz`)].sort(),
    );
    for (const name of readdirSync(backup)) expect(statSync(join(backup, name)).mode & 0o777).toBe(0o600);
    const rows = Object.fromEntries(manifest.tables.map((table) => [table.table, table.rows]));
    const stored = await readRecords(original.database);
    expect(rows).toEqual(
      Object.fromEntries(Object.entries(stored).map(([table, { rows }]) => [table, rows])),
    );
    const csv = gunzipSync(readFileSync(join(backup, 'dim_assets.csv.gz'))).toString();
    expect(csv).toMatch(
      /^id,symbol,name,asset_class,active,registered_at(?:,\w+)*\n1,"","a ""quoted"", \\N, tab\t, line\nend/,
    );
    expect(csv).toMatch(/\n77,,,crypto,f,/);
    expect(manifest.tables.map(({ table }) => table)).not.toContain('refresh_lease');
  });

  test('restored into a database with nothing in it: every row the same, verify with the same hash', async () => {
    const { stdout } = await expectExit(0, restored.run(['db', 'restore', backup]));
    expect(stdout).toMatch(/\[OK\] restored \d+ tables, .* now prove it: "barwright verify"\n$/);
    expect(await readRecords(restored.database)).toEqual(await readRecords(original.database));
    const hash = await hashOf(original);
    expect(await hashOf(restored)).toBe(hash);
    await expectExit(0, restored.run(['verify', '--source']));
  });

  test('a second backup, of the restored one, has the same files', async () => {
    const again = newPath();
    await expectExit(0, restored.run(['db', 'backup', again]));
    const { 'manifest.json': _ours, ...files } = filesOf(again);
    const { 'manifest.json': _theirs, ...expected } = filesOf(backup);
    expect(files).toEqual(expected);
  });

  test('the next refresh of the restored one writes 0 rows', async () => {
    const before = await readVersions(restored.database);
    const { code, report } = await restored.report(['refresh', '--all']);
    expect(code).toBe(0);
    expect(report.components.map(({ rowsNeeded, rowsWritten }) => [rowsNeeded, rowsWritten])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(await readVersions(restored.database)).toEqual(before);
  });

  test('notes of change are restored as they were, and what they report is done by the next run', async () => {
    await original.execute(
      `update cmc_price_histories7 set close = close * 1.001 where id = 1 and timestamp::date = current_date - 90`,
    );
    const waiting = newPath();
    await expectExit(0, original.run(['db', 'backup', waiting]));
    const other = await createEmptyWarehouse(to.options);
    await expectExit(0, other.run(['db', 'restore', waiting]));
    const notes = (warehouse: Warehouse) =>
      warehouse.query('select id, note, from_day, to_day, op, rows, filed_at from price_change');
    expect(await notes(other)).toEqual(await notes(original));
    expect(await notes(other)).toHaveLength(1);
    for (const warehouse of [original, other]) await expectExit(0, warehouse.run(['refresh', '--all']));
    expect(await readContents(other.database)).toEqual(await readContents(original.database));
    await other.drop();
  });
});

test('SIGTERM while it waits for a lock: the statement is cancelled, it ends with 143 and leaves nothing', async () => {
  const held = await createWarehouse({}, [{ ids: [1], days: 2 }]);
  const release = await holdTable(held.database, 'price_bars', 'access exclusive');
  const parent = dirname(newPath());
  const before = readdirSync(parent);
  let pid = 0;
  // The lock would be given up after a minute.
  const running = held.run(['db', 'backup', newPath()], {
    timeoutMs: 45_000,
    onStart: (started) => {
      pid = started;
    },
  });
  await waitForWaiter(held.database);
  process.kill(pid, 'SIGTERM');
  const { stdout } = await expectExit(143, running);
  expect(stdout).toBe('[FAILED] interrupted: nothing was changed, nothing is left behind\n');
  expect(readdirSync(parent)).toEqual(before);
  // The table is still held, so a statement that was not cancelled would wait on.
  await waitForNoWaiter(held.database);
  await release();
  await held.drop();
});

describe('a backup made in the middle of a run', () => {
  const IDS = Array.from({ length: 26 }, (_, index) => index + 1);

  test('has whole assets only; restored, verify is equal and one more run ends like an undisturbed one', async () => {
    const busy = await createWarehouse({}, [{ ids: IDS, days: 20 }]);
    // 25 assets are committed; the next one waits for a row that the test has not committed.
    const release = await holdAsset(busy.database, 26);
    const running = busy.run(['refresh', '--all'], { timeoutMs: 100_000 });
    await waitForWaiter(busy.database);
    const backup = newPath();
    await expectExit(0, busy.run(['db', 'backup', backup]));
    await release();
    await expectExit(0, running);
    const restored = await createEmptyWarehouse();
    await expectExit(0, restored.run(['db', 'restore', backup]));
    const built = await restored.query<[number]>('select count(*) from cmc_price_bars_1d_state');
    expect(built).toEqual([[25]]);
    await expectExit(0, restored.run(['verify', '--ids', IDS.slice(0, 25).join(',')]));
    // Not locked out by the run of the original.
    await expectExit(0, restored.run(['refresh', '--all']));
    expect(await readContents(restored.database)).toEqual(await readContents(busy.database));
    await busy.drop();
    await restored.drop();
  });
});

describe('other forms', () => {
  test('an older schema is backed up as it is; restored into a new one it is brought up to date', async () => {
    const older = await createEmptyWarehouse();
    await migrate(older.database, { through: 7 });
    await older.execute(`insert into dim_assets (id, symbol) values (5, 'OLD')`);
    const backup = newPath();
    await expectExit(0, older.run(['db', 'backup', backup]));
    const restored = await createEmptyWarehouse();
    const { stdout } = await expectExit(0, restored.run(['db', 'restore', backup]));
    expect(stdout).toMatch(/\[INFO\] brought up to date: 008_price_change/);
    await checkSchema(restored.database);
    expect(await restored.query('select id, symbol from dim_assets')).toEqual([[5, 'OLD']]);
    const current = await createWarehouse();
    const refused = await expectExit(1, current.run(['db', 'restore', backup]));
    expect(refused.stdout).toMatch(
      /of schema version 7, schema "public" has version \d+; give --schema a name/,
    );
    for (const warehouse of [older, restored, current]) await warehouse.drop();
  });

  test('another schema, and a source of the user that is not in it', async () => {
    const original = await createWarehouse();
    await createUserTable(original, { ids: [1], days: 60 });
    // A schema that nobody has been given rights in: all as who owns it.
    const place = { BARWRIGHT_SCHEMA: 'Bars of mine', BARWRIGHT_SOURCE: 'market.prices' };
    const env = { ...place, TARGET_DB_URL: original.url };
    await original.execute('create schema "Bars of mine"');
    await original.execute(
      'create view "Bars of mine".cmc_price_histories7 as select * from market.prices; create table "Bars of mine".mine (a int)',
    );
    await expectExit(0, original.run(['init'], { env }));
    await expectExit(0, original.run(['refresh', '--all'], { env }));
    const backup = newPath();
    const { stdout } = await expectExit(0, original.run(['db', 'backup', backup], { env }));
    expect(stdout).toMatch(/\[INFO\] not in the backup: mine \(not made by barwright\)/);
    expect(stdout).toMatch(
      /\[INFO\] not in the backup: cmc_price_histories7 \(the source is a view of the user's own/,
    );
    const target = await createEmptyWarehouse();
    const there = { env: { ...place, TARGET_DB_URL: target.url } };
    const refused = await expectExit(1, target.run(['db', 'restore', backup], there));
    expect(refused.stdout).toMatch(
      /beside a price table cmc_price_histories7 of your own.*bring that table into/,
    );
    await createUserTable(target, { ids: [1], days: 60 });
    await target.execute(
      'create schema "Bars of mine"; create view "Bars of mine".cmc_price_histories7 as select * from market.prices',
    );
    await expectExit(0, target.run(['db', 'restore', backup], there));
    const { code, report } = await target.report(['refresh', '--all'], there);
    expect([code, ...report.components.map(({ rowsWritten }) => rowsWritten)]).toEqual([0, 0, 0]);
    await original.drop();
    await target.drop();
  });

  test('a role that may only read makes a whole backup; gunzip and sha256sum can read it', async () => {
    const original = await createWarehouse({}, [{ ids: [1], days: 40 }]);
    await expectExit(0, original.run(['refresh', '--all']));
    const role = `reader_${original.url.split('_').at(-1)}`;
    await original.execute(`create role ${role} login password 'only-reads'`);
    await original.execute(`grant select on all tables in schema public to ${role}`);
    const url = new URL(original.url);
    url.username = role;
    url.password = 'only-reads';
    const backup = newPath();
    await expectExit(0, original.run(['db', 'backup', backup], { env: { TARGET_DB_URL: url.href } }));
    const manifest = await readManifest(backup);
    expect(manifest.tables[0]).toMatchObject({ table: 'cmc_price_histories7', rows: 40 });
    const list = manifest.tables.map(({ table, sha256 }) => `${sha256}  ${table}.csv.gz\n`).join('');
    const sha256sum = findProgram('sha256sum') ?? '';
    const check = spawnSync(sha256sum, ['-c', '--quiet'], { cwd: backup, input: list, timeout: 20_000 });
    expect(check.status).toBe(0);
    const lines = spawnSync('gunzip', ['-c', 'cmc_price_histories7.csv.gz'], {
      cwd: backup,
      timeout: 20_000,
    });
    expect(lines.stdout.toString().trimEnd().split('\n')).toHaveLength(41);
    await original.execute(`drop owned by ${role}`);
    await original.execute(`drop role ${role}`);
    await original.drop();
  });

  test('memory does not grow with the data: far less than the largest file is ever held', async () => {
    const measured = (warehouse: Warehouse, ...args: string[]) =>
      warehouse.run(args, { env: { NODE_OPTIONS: `--import=${PEAK_MEMORY}` }, timeoutMs: 110_000 });
    const peakOf = ({ stderr }: { stderr: string }) => Number(/peak memory (\d+) MB/.exec(stderr)?.[1]);
    const [small, large] = [await createWarehouse(), await createWarehouse()];
    await large.execute(`insert into cmc_price_histories7 (id, timestamp, open, high, low, close, volume, marketcap)
      select id, '2000-01-01Z'::timestamptz + day * interval '1 day', r, r + 1, r - 1, r / 3, r * 1e9, r * 1e12
      from generate_series(1, 100) id, generate_series(1, 4000) day, random() r`);
    const backups = { small: newPath(), large: newPath() };
    const smallEnd = await expectExit(0, measured(small, 'db', 'backup', backups.small));
    const largeEnd = await expectExit(0, measured(large, 'db', 'backup', backups.large));
    const csv = gunzipSync(readFileSync(join(backups.large, 'cmc_price_histories7.csv.gz'))).length / 1e6;
    expect(csv).toBeGreaterThan(60);
    const target = await createEmptyWarehouse();
    const restored = await expectExit(0, measured(target, 'db', 'restore', backups.large));
    expect(peakOf(smallEnd)).toBeGreaterThan(20);
    expect(peakOf(largeEnd) - peakOf(smallEnd)).toBeLessThan(csv);
    expect(peakOf(restored) - peakOf(smallEnd)).toBeLessThan(csv);
    for (const warehouse of [small, large, target]) await warehouse.drop();
  }, 300_000);
});
