/** init --track-changes: note triggers on a table of the user's own, and what a loader's every statement leaves. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readSource } from '../../src/storage/source/source.js';
import { expectFreshBuild, readEverything } from '../support/contents.js';
import type { TestDatabaseOptions } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { createLoader, createUserTable, USER_TABLE } from '../support/user-table.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../support/warehouse.js';

const SOURCE = ['--source', USER_TABLE];
const day = (daysAgo: number, id = 52) =>
  `id = ${id} and timestamp::date = (now() at time zone 'UTC')::date - ${daysAgo}`;

interface Scene {
  warehouse: Warehouse;
  loader: Awaited<ReturnType<typeof createLoader>>;
}

/** Two assets of 60 days in a table of the user's own; a few series of each alignment tell as much as all of them. */
async function createScene(options: TestDatabaseOptions = {}): Promise<Scene> {
  const warehouse = await createWarehouse(options);
  await warehouse.execute('delete from dim_timeframe where tf_days > 30 or tf_days = 2');
  await warehouse.execute('delete from dim_period where period > 10');
  await createUserTable(warehouse, { ids: [1, 52], days: 60 });
  return { warehouse, loader: await createLoader(warehouse) };
}

async function dropScene(scene: Scene | undefined): Promise<void> {
  await scene?.loader.drop();
  await scene?.warehouse.drop();
}

const init = ({ warehouse }: Scene, flag: string) => warehouse.run(['init', flag, ...SOURCE]);

const isTracked = async ({ warehouse }: Scene) =>
  (await warehouse.database.read((tx) => readSource(tx, USER_TABLE))).parts[0]?.isTracked;

/** id, operation, rows, and the note's first day counted back from today. */
const listNotes = ({ warehouse }: Scene) =>
  warehouse.query<[number, string, number, number]>(
    `select id, op, rows, (now() at time zone 'UTC')::date - from_day from price_change order by id, filed_at`,
  );

const shift = (columns: string, by: string) =>
  columns
    .split(', ')
    .map((column) => `${column} + interval '${by}'`)
    .join(', ');
const ONE_LATE = `insert into prices select id,
  ${shift('timestamp, timeopen, timeclose, timehigh, timelow', '1 day')}, open, high, low, close
  from prices where ${day(26)}`;
const ONE_MOVED = `update prices set (timestamp, timeclose) = row(${shift('timestamp, timeclose', '-1 s')})
  where ${day(10)}`;
const CHANGES: [sql: string, note: unknown[]][] = [
  [`update prices set close = close + 1 where ${day(40)}`, [52, 'U', 1, 40]],
  [`delete from prices where ${day(25)}`, [52, 'D', 1, 25]],
  [ONE_LATE, [52, 'I', 1, 25]],
  // Another time of the day is another key: the old one and the new one are noted.
  [ONE_MOVED, [52, 'U', 2, 10]],
];

describe.each(SERVERS)('the triggers, on $server', ({ options }) => {
  let scene: Scene;
  let load: Scene['loader']['load'];

  beforeAll(async () => {
    scene = await createScene(options);
    load = scene.loader.load;
    await expectExit(0, init(scene, '--track-changes'));
  });
  afterAll(() => dropScene(scene));
  beforeEach(() => scene.warehouse.execute('delete from price_change'));

  test('note whatever a loader without rights here does to rows, whatever its search_path', async () => {
    for (const [sql] of CHANGES) expect(await load(sql)).toBe(1);
    expect(await listNotes(scene)).toEqual(CHANGES.map(([, note]) => note));
    await expect(load('delete from public.price_change')).rejects.toThrow(/permission denied/);
  });

  test('note a MERGE and a COPY like any other statement', async () => {
    await load(`merge into prices p using (select id, timestamp, close from prices where ${day(30)}) s
      on p.id = s.id and p.timestamp = s.timestamp when matched then update set close = s.close + 1`);
    await scene.warehouse.database.transaction((tx) =>
      tx.copyIn(`copy ${USER_TABLE} (id, timestamp) from stdin`, [Buffer.from('7\t2020-01-01 00:00:01\n')]),
    );
    const notes = await listNotes(scene);
    expect(notes.map(([id, op, rows]) => [id, op, rows])).toEqual([
      [7, 'I', 1],
      [52, 'U', 1],
    ]);
    await load('delete from prices where id = 7');
  });

  test('note nothing of an upsert of unchanged rows, nor of columns that bars do not use', async () => {
    const upsert = (assignments: string) =>
      `insert into prices select * from prices on conflict (id, timestamp) do update set ${assignments}`;
    expect(await load(upsert('open = excluded.open, close = excluded.close'))).toBe(120);
    expect(await load(upsert(`note = 'seen'`))).toBe(120);
    expect(await listNotes(scene)).toEqual([]);
  });

  test('neither stop a loader of rows that nobody could ever read, nor note them', async () => {
    await load(`insert into prices (id, timestamp) values (99999999999, now()), (0, now()), (52, 'infinity'),
      (52, '-infinity')`);
    await load('update prices set close = 1 where id = 0');
    await load(`delete from prices where id not in (1, 52) or not isfinite(timestamp)`);
    expect(await listNotes(scene)).toEqual([]);
  });
});

describe('a run over a table that is followed', () => {
  let scene: Scene;
  let load: Scene['loader']['load'];

  beforeAll(async () => {
    scene = await createScene();
    load = scene.loader.load;
    await expectExit(0, scene.warehouse.run(['refresh', '--all', ...SOURCE]));
  });
  afterAll(() => dropScene(scene));

  /** Refreshes and says why the bars of 52 were touched; no note is left. */
  async function refresh(...args: string[]): Promise<string> {
    const target = args[0] === '--all' ? [] : ['--bars'];
    const { code, report, stderr } = await scene.warehouse.report(['refresh', ...target, ...SOURCE, ...args]);
    expect(code, stderr).toBe(0);
    expect(await listNotes(scene)).toEqual([]);
    return reasonOf(report, 'bars', 52);
  }

  test('before that is asked for nothing is on the table, and changes are found by fingerprints', async () => {
    expect(await isTracked(scene)).toBe(false);
    await load(`update prices set close = close + 0.5 where ${day(20)}`);
    expect(await refresh()).toMatch(/^repair: days up to \S+ were corrected$/);
  });

  test('misses nothing of what happened between the last run and the first trigger', async () => {
    await load(`update prices set close = close + 0.25 where ${day(30)}`);
    const { stdout } = await expectExit(0, init(scene, '--track-changes'));
    expect(stdout).toMatch(/changes of market.prices are noted .* the next run compares 2 known assets/);
    expect(await isTracked(scene)).toBe(true);
    expect(await listNotes(scene)).toEqual([
      [1, 'F', 60, 60],
      [52, 'F', 60, 60],
    ]);
    expect(await refresh()).toMatch(/^repair from \S+ \(compared with the source once\)$/);
    const before = await readEverything(scene.warehouse.database);
    const again = await expectExit(0, init(scene, '--track-changes'));
    expect(again.stdout).toMatch(/changes of market.prices are noted already/);
    expect(await readEverything(scene.warehouse.database)).toEqual(before);
  });

  test('repairs what the notes report, and is level with a fresh build', async () => {
    for (const [sql] of CHANGES) await load(sql);
    expect(await refresh('--all')).toMatch(
      /^repair from \S+ \(3 days corrected, 1 day added, 1 day deleted\)$/,
    );
    await expectFreshBuild(scene.warehouse, SOURCE);
    expect(await refresh()).toMatch(/^up to date/);
  });

  test('takes the note of a new day together with the day', async () => {
    await load(`delete from prices where ${day(1)}`);
    await refresh();
    await load(`insert into prices (id, timestamp, timeopen, timeclose, open, high, low, close)
      select 52, d, d::date, d, 50, 51, 49, 50 from (select (now() at time zone 'UTC')::date - interval '1 s' as d) q`);
    expect(await listNotes(scene)).toEqual([[52, 'I', 1, 1]]);
    expect(await refresh()).toMatch(/^append 1 day/);
  });

  test('compares fingerprints when the table gets another form, until it is asked for again', async () => {
    // Loaded after their days were over: else the newest ones would wait.
    await scene.warehouse.execute(`alter table ${USER_TABLE} add column load_ts timestamptz default now()`);
    expect(await isTracked(scene)).toBe(false);
    expect(await refresh()).toMatch(/^repair: days up to \S+ were corrected$/);
    await expectExit(0, init(scene, '--track-changes'));
    expect(await isTracked(scene)).toBe(true);
    await refresh();
    await load(`update prices set load_ts = now() where ${day(33)}`);
    expect(await refresh()).toMatch(/1 day corrected/);
    const functions = `select count(*) from pg_proc where proname ~ '^price_change_note_[0-9a-f]{12}$'`;
    expect(await scene.warehouse.query(functions)).toEqual([[1]]);
  });

  test('blocks every asset after a TRUNCATE, until the deletions are accepted', async () => {
    const { warehouse } = scene;
    await warehouse.execute(`create table market.kept as select * from ${USER_TABLE}`);
    await load('truncate prices');
    expect((await listNotes(scene)).map(([id, op]) => [id, op])).toEqual([
      [1, 'T'],
      [52, 'T'],
    ]);
    const { code, report } = await warehouse.report(['refresh', '--bars', ...SOURCE]);
    expect(code).toBe(1);
    expect(reasonOf(report, 'bars', 52)).toMatch(/^all 60 source rows have vanished/);
    await warehouse.execute(
      `insert into ${USER_TABLE} select * from market.kept where id = 52 or ${day(2, 1)}`,
    );
    expect(await refresh('--accept-deletions')).toMatch(/^repair from /);
  });

  test('compares fingerprints again when the triggers are taken away', async () => {
    const { stdout } = await expectExit(0, init(scene, '--untrack-changes'));
    expect(stdout).toMatch(/not noted any more: every run compares fingerprints/);
    expect((await expectExit(0, init(scene, '--untrack-changes'))).stdout).toMatch(/were not noted/);
    expect(await isTracked(scene)).toBe(false);
    const left = `select count(*) from pg_trigger where tgrelid = '${USER_TABLE}'::regclass and not tgisinternal`;
    expect(await scene.warehouse.query(left)).toEqual([[0]]);
    await load(`update prices set close = close + 2 where ${day(12)}`);
    expect(await refresh('--all')).toMatch(/^repair: days up to \S+ were corrected$/);
    await expectFreshBuild(scene.warehouse, SOURCE);
  });
});
