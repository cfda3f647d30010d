/** `runs` and `runs RUN`: what past runs did, and how long they are kept. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
let ids: string[];

const listIds = async () =>
  (await warehouse.query<[string]>('select run::text from refresh_run order by started_at')).map(
    ([run]) => run,
  );

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 6 }]);
  await warehouse.execute(`insert into dim_assets (id) values (2)`);
  await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
  // 2 has no prices: skipped. 7 is unknown: failed.
  await expectExit(1, warehouse.run(['refresh', '--all', '--ids', '1,2,7']));
  ids = await listIds();
});
afterAll(() => warehouse?.drop());

test('runs: a line per run, the newest first, with what was done', async () => {
  const { stdout } = await expectExit(0, warehouse.run(['runs']));
  const [head, newest, oldest, ...rest] = stdout.trimEnd().split('\n');
  expect(head).toMatch(/^run +started \(UTC\) +duration +command +outcome +exit +ok +failed +skipped +rows$/);
  const line = (run: string | undefined, what: string) =>
    new RegExp(`^${run?.slice(0, 8)}  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d +[\\d.]+ s +${what}$`);
  expect(newest).toMatch(line(ids[1], 'refresh --all +failed +1 +1 +1 +1 +\\d+'));
  expect(oldest).toMatch(line(ids[0], 'refresh --bars +ok +0 +1 +0 +0 +\\d+'));
  expect(rest).toEqual([]);
  const limited = await expectExit(0, warehouse.run(['runs', '--limit', '1']));
  expect(limited.stdout.trimEnd().split('\n')).toHaveLength(2);
});

test('runs RUN: by id, by its beginning or "last": components, and who failed or was skipped, with the reason', async () => {
  const { stdout } = await expectExit(0, warehouse.run(['runs', ids[1] ?? '']));
  expect(stdout).toContain(`Run ${ids[1]}: refresh --all\n  outcome   failed, exit 1\n`);
  // Why the code is what it is, before the details.
  expect(stdout).toMatch(
    /\n {2}verdict {3}FAILED: 1 failed, the rest is done\n\[FAILED\] bars, ID 7: unknown id: .*\n {4}since .*; type: barwright explain 7\n\[WARNING\] bars, ID 2: skipped: the source has no prices/,
  );
  expect(stdout).toMatch(
    /\nbars: 1 ok, 1 failed, 1 skipped; rows needed 0, written 0; [\d.]+ s\n {4}\[FAILED\] ID 7 bars: unknown id: .*\n {4}\[SKIPPED\] ID 2 bars: the source has no prices for it up to now\n/,
  );
  expect(stdout).toMatch(/\nemas: 1 ok, 0 failed, 1 skipped; .*\n {4}\[SKIPPED\] ID 2 emas: bars skipped: /);
  for (const name of ['last', ids[1]?.slice(0, 13) ?? '', ids[1]?.toUpperCase() ?? '']) {
    expect((await expectExit(0, warehouse.run(['runs', name]))).stdout).toBe(stdout);
  }
});

test('--json: the same for programs', async () => {
  const all = JSON.parse((await expectExit(0, warehouse.run(['runs', '--json']))).stdout);
  expect(all.runs.map(({ run }: { run: string }) => run)).toEqual([...ids].reverse());
  const one = JSON.parse((await expectExit(0, warehouse.run(['runs', 'last', '--json']))).stdout);
  expect(one.run).toMatchObject({ ...all.runs[0], stages: [{ component: 'bars' }, { component: 'emas' }] });
  expect(one.run.assets).toContainEqual({
    component: 'bars',
    id: 7,
    status: 'failed',
    reason: expect.stringMatching(/^unknown id/),
  });
  expect(one.run).toMatchObject({ status: 'failed', exitCode: 1, ok: 1, failed: 1, skipped: 1 });
  expect(Date.parse(one.run.finishedAt)).toBeGreaterThan(Date.parse(one.run.startedAt));
});

test('an unknown run, several that begin so, and what is no run: one sentence each, exit 2', async () => {
  const twins = ['77777777-0000-4000-8000-000000000001', '77777777-0000-4000-8000-000000000002'];
  await warehouse.execute(
    `insert into refresh_run (run, command, started_at, as_of, status, host, pid, version)
     select run, 'refresh --all', now() - interval '1 day', now(), 'running', 'elsewhere', 1, '0' from unnest($1::uuid[]) run`,
    [twins],
  );
  const ask = async (name: string) => (await expectExit(2, warehouse.run(['runs', name]))).stderr;
  expect(await ask('7777')).toBe(
    `several runs begin with "7777": ${twins.join(', ')}; type more of the id\n`,
  );
  expect(await ask(`${'0'.repeat(8)}-`)).toBe(
    'no run begins with "00000000-"; "barwright runs" lists them\n',
  );
  expect(await ask("x' or 1=1")).toBe(
    `a run is "last", an id like 3fa85f64-… or its beginning, got "x' or 1=1"\n`,
  );
  const died = await expectExit(0, warehouse.run(['runs', twins[0] ?? '']));
  expect(died.stdout).toContain('no end yet');
  const stage = { component: 'bars', total: 3, done: 2, ok: 2, failed: 0, skipped: 0, rowsWritten: 417 };
  await warehouse.execute(`update refresh_run set progress = $2 where run = $1`, [
    twins[0],
    JSON.stringify({ at: '2026-01-01T00:00:00Z', stages: [stage], undone: [], undoneCount: 0 }),
  ]);
  await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
  const closed = await expectExit(0, warehouse.run(['runs', twins[0] ?? '']));
  expect(closed.stdout).toMatch(
    /\n {2}outcome {3}died: its process ended silently \(run \w{8} found it so\); 417 rows of 2 assets and more were committed/,
  );
});

test('a run that fails before it begins has a row that says why, and is reported under its own name', async () => {
  const missing = await warehouse.report(['refresh', '--all', '--source', 'nowhere.prices']);
  expect(missing.code).toBe(1);
  const [row] = await warehouse.query<[string, string, number, string]>(
    `select command, status, exit_code, report -> 'causes' -> 0 ->> 'kind' from refresh_run where run = $1`,
    [missing.report.run],
  );
  expect(row).toEqual(['refresh --all', 'failed', 1, 'run_failed']);
  const { stdout } = await expectExit(0, warehouse.run(['runs', 'last']));
  expect(stdout).toMatch(/\n {2}verdict {3}FAILED\n\[FAILED\] .*nowhere/);
  const count = 'select count(*) from refresh_run';
  const before = await warehouse.query(count);
  // Usage errors end before anything is looked for.
  await expectExit(2, warehouse.run(['refresh']));
  await expectExit(2, warehouse.run(['refresh', '--all', '--ids', '0']));
  expect(await warehouse.query(count)).toEqual(before);
});

test('ids by symbol on the command line: digits are ids, a symbol of two assets is refused', async () => {
  await warehouse.execute(
    `insert into dim_assets (id, symbol) values (1, 'BTC'), (2, 'TWIN'), (70, 'twin')
     on conflict (id) do update set symbol = excluded.symbol`,
  );
  const planned = JSON.parse(
    (await expectExit(0, warehouse.run(['plan', '--bars', '--json', '--ids', 'btc, 2']))).stdout,
  );
  expect(planned.plan.map(({ id }: { id: number }) => id)).toEqual([1, 2]);
  const explained = await expectExit(0, warehouse.run(['explain', 'BTC']));
  expect(explained.stdout).toMatch(/^Asset 1 {2}BTC/);
  await expectExit(0, warehouse.run(['asset', 'retire', 'btc']));
  expect(await warehouse.query('select active from dim_assets where id = 1')).toEqual([[false]]);
  await expectExit(0, warehouse.run(['asset', 'restore', 'BTC', '2']));
  expect((await expectExit(0, warehouse.run(['asset', 'calendar', 'BTC', 'none']))).stdout).toMatch(
    /^\[OK\] .*\b1\b/m,
  );
  await expectExit(0, warehouse.run(['asset', 'calendar', 'all']));
  await expectExit(0, warehouse.run(['asset', 'calendar', 'BTC', 'default']));
  await expectExit(2, warehouse.run(['asset', 'add', 'BTC']));
  const twin = await expectExit(2, warehouse.run(['explain', 'TWIN']));
  expect(twin.stderr).toBe(
    '"TWIN" is the symbol of several assets (2, 70): type the id of the one you mean\n',
  );
  const unknown = await expectExit(2, warehouse.run(['refresh', '--all', '--ids', '1,NOPE']));
  expect(unknown.stdout).toContain('no asset has the symbol "NOPE"');
  await warehouse.execute('delete from dim_assets where id = 70');
});

test('runs older than 400 days go with the next run, fifty at a time, with their stages and assets; the newest 400 stay', async () => {
  await warehouse.execute(
    `with old as (
       insert into refresh_run (run, command, started_at, as_of, status, host, pid, version)
       select gen_random_uuid(), 'old', now() - make_interval(days => 340 + n, hours => -1), now(), 'ok', 'h', 1, '0'
       from generate_series(1, 120) n returning run),
     stages as (
       insert into refresh_stage select run, 'bars', 'ok', 1, 0, 1, 0, 0, 1, 1 from old returning run)
     insert into refresh_asset select run, 'bars', 1, 'ok', 'append', 'x', 1, 1 from stages`,
  );
  const countOld = async () => {
    const rows = await warehouse.query<[number, number, number]>(
      `select count(distinct r.run), count(s.run), count(a.run) from refresh_run r
       left join refresh_stage s using (run) left join refresh_asset a using (run) where r.command = 'old'`,
    );
    return rows[0];
  };
  expect(await countOld()).toEqual([120, 120, 120]);
  // They are among the newest 400: they stay, whatever the clock says.
  await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
  expect(await countOld()).toEqual([120, 120, 120]);
  await warehouse.execute(
    `insert into refresh_run (run, command, started_at, as_of, status, host, pid, version)
     select gen_random_uuid(), 'newer', now() - interval '100 days', now(), 'ok', 'h', 1, '0' from generate_series(1, 400)`,
  );
  await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
  expect(await countOld()).toEqual([70, 70, 70]);
  await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
  // 341 to 400 days old: they stay.
  expect(await countOld()).toEqual([60, 60, 60]);
  const rows = await warehouse.query<[number]>(
    `select extract(day from now() - min(started_at))::int from refresh_run`,
  );
  expect(rows[0]?.[0]).toBeLessThanOrEqual(400);
});
