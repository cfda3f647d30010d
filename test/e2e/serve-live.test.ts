/** A run in progress, seen by somebody who looks on: what is done and failed so far, and that it is over. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveState, RunResponse } from '../../src/web/api/api-types.js';
import { holdTable } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { waitFor } from '../support/processes.js';
import { listenLive, type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
let server: Server;
beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 2, 3], days: 40, endsDaysAgo: 2 }]);
  await expectExit(0, warehouse.run(['refresh', '--all']));
  await warehouse.execute(`update dim_assets set symbol = '<b>two</b>' where id = 2`);
  server = await startServer([], { url: warehouse.urls.reader });
});
afterAll(async () => {
  await server?.stop();
  await warehouse?.drop();
});

test('a failed run, live: bars done and failed, EMAs that wait, the end; a listener that comes late misses nothing', async () => {
  await writePrices(warehouse.database, { ids: [1, 2, 3], days: 1 });
  await warehouse.execute(
    `update cmc_price_histories7 set volume = 1.5e308 where id = 2 and timestamp::date > current_date - 9`,
  );
  const live = await listenLive(server);
  const release = await holdTable(warehouse.database, 'ema_points');
  let running: ReturnType<typeof warehouse.run> | null = null;
  try {
    await live.until('the state at once', ({ run, lastRun }) => run === null && lastRun?.status === 'ok');
    running = warehouse.run(['refresh', '--all', '--continue-on-error']);
    const inEmas = ({ run }: LiveState) => run?.stages[1]?.isRunning === true;
    const { run } = await live.until('the EMAs', inEmas);
    const [bars, emas] = run?.stages ?? [];
    expect(bars).toMatchObject({
      component: 'bars',
      isRunning: false,
      total: 3,
      done: 3,
      ok: 2,
      failed: 1,
      secondsLeft: 0,
    });
    expect(bars?.rowsWritten).toBeGreaterThan(15);
    expect(bars?.ratePerSec).toBeGreaterThan(0);
    expect(emas).toMatchObject({ component: 'emas', total: 2, done: 0, ratePerSec: null, secondsLeft: null });
    expect(run).toMatchObject({ command: 'refresh --all', isSilent: false, undoneCount: 1 });
    expect(run?.undone).toEqual([
      {
        component: 'bars',
        id: 2,
        symbol: '<b>two</b>',
        status: 'failed',
        reason: expect.stringMatching(/Infinity/),
      },
    ]);
    // A reload: another connection, and the same by the list of runs.
    const late = await listenLive(server);
    expect(await late.until('the same run', ({ run: seen }) => seen !== null)).toMatchObject({
      run: { run: run?.run },
    });
    late.close();
    const { run: shown } = await server.get<RunResponse>('/api/runs/last');
    expect(shown).toMatchObject({
      status: 'running',
      durationSec: null,
      progress: { run: run?.run, undoneCount: 1 },
    });
  } finally {
    await release();
    await running;
  }
  const over = ({ run, lastRun }: LiveState) => run === null && lastRun?.status === 'failed';
  const { lastRun } = await live.until('the end', over);
  expect(lastRun).toMatchObject({ command: 'refresh --all' });
  expect((await server.get<RunResponse>(`/api/runs/${lastRun?.run}`)).run.progress).toBeNull();
  live.close();
});

test('a run that died is silent, not running', async () => {
  await warehouse.execute(`insert into refresh_run (run, command, as_of, status, host, pid, version)
    values (gen_random_uuid(), 'refresh --all', now(), 'running', 'elsewhere', 7, '0')`);
  const live = await listenLive(server);
  const { run } = await live.until('the dead run', ({ run: seen }) => seen !== null);
  expect(run).toMatchObject({ isSilent: true, host: 'elsewhere', stages: [], undone: [] });
  live.close();
});

test('asked to end it ends, with a stream open', async () => {
  const own = await startServer([], { url: warehouse.urls.reader });
  const live = await listenLive(own);
  await live.until('a state', () => true);
  expect(await own.stop('SIGINT')).toBe(0);
  expect(own.said()).toMatch(/\[OK\] no longer served\n$/);
  // Its connections are gone as well.
  await waitFor('the end of its connections', async () => {
    const rows = await warehouse.query<[number]>(
      `select count(*) from pg_stat_activity where datname = current_database() and usename = $1`,
      [new URL(warehouse.urls.reader).username],
    );
    return (rows[0]?.[0] ?? 0) <= 5 ? true : null;
  });
});
