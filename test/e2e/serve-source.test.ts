/** `serve` on a source of the user's own, and what becomes of secrets that are in the tables. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatGrants } from '../../src/storage/schema/grants.js';
import type { AssetResponse } from '../../src/web/api/api-asset-types.js';
import type { FreshnessResponse } from '../../src/web/api/api-freshness-types.js';
import type { LiveState, PlanResponse } from '../../src/web/api/api-types.js';
import { CANARY_WORD } from '../support/canary.js';
import { readEverything } from '../support/contents.js';
import { createDesk } from '../support/desk.js';
import { runAdminStatement } from '../support/server.js';
import { listenLive, startServer } from '../support/serving.js';
import { createUserTable, USER_TABLE } from '../support/user-table.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createWarehouse();
  await createUserTable(warehouse, { ids: [1, 52], days: 30 });
  await warehouse.execute(
    `delete from ${USER_TABLE} where id = 52 and timestamp > (now() at time zone 'UTC')::date - 4`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all', '--source', USER_TABLE]));
  await warehouse.execute(`insert into ${USER_TABLE}
    select 52, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap, note
    from ${USER_TABLE} where id = 1 and timestamp > (now() at time zone 'UTC')::date - 4`);
  const grants = {
    owner: null,
    runner: null,
    reader: warehouse.roles?.reader ?? '',
    schema: 'public',
    source: USER_TABLE,
  };
  await runAdminStatement(warehouse.url, formatGrants(grants));
});
afterAll(() => warehouse?.drop());

const lagOf = ({ assets, cells }: FreshnessResponse, id: number) => {
  const index = assets.id.indexOf(id);
  return [cells.bars_1d.lagDays[index], cells.emas_v2.lagDays[index]];
};

test('as a reader: lag, plan and explanation are those of that source, and nothing is written', async () => {
  const before = await readEverything(warehouse.database);
  const server = await startServer(['--source', USER_TABLE], { url: warehouse.urls.reader });
  try {
    const grid = await server.get<FreshnessResponse>('/api/freshness');
    expect([lagOf(grid, 1), lagOf(grid, 52)]).toEqual([
      [0, 0],
      [4, 4],
    ]);
    const { plan } = await server.get<PlanResponse>('/api/plan');
    expect(
      plan.filter(({ action }) => action === 'append').map(({ component, id }) => [component, id]),
    ).toEqual([
      ['bars', 52],
      ['emas', 52],
    ]);
    const { explanation } = await server.get<AssetResponse>('/api/assets/52');
    expect(explanation).toMatchObject({ source: { relation: USER_TABLE }, waitingRows: 4 });
    expect((await server.ask('/metrics')).status).toBe(200);
  } finally {
    await server.stop();
  }
  expect(await readEverything(warehouse.database)).toEqual(before);
});

test('a refresh that is started from a page reads that source', async () => {
  const server = await startServer(['--source', USER_TABLE, '--allow-run'], { url: warehouse.urls.runner });
  const live = await listenLive(server);
  try {
    const answer = await server.ask('/api/runs', {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      body: '{"target":"all","ids":null}',
    });
    expect(answer.status, answer.body).toBe(202);
    const isOver = ({ lastStart }: LiveState) => lastStart?.isRunning === false;
    const { lastStart } = await live.until('the end of the refresh', isOver);
    expect(lastStart).toMatchObject({ target: 'all', exitCode: 0 });
    expect(lagOf(await server.get<FreshnessResponse>('/api/freshness'), 52)).toEqual([0, 0]);
  } finally {
    live.close();
    await server.stop();
  }
});

test('a refresh that is started from a page goes to the database of the page, whatever db_config.env names', async () => {
  const shown = await createWarehouse({}, [{ ids: [1], days: 3 }]);
  const other = await createWarehouse({}, [{ ids: [7], days: 3 }]);
  const untouched = await readEverything(other.database);
  const desk = createDesk();
  writeFileSync(join(desk.folder, 'db_config.env'), `TARGET_DB_URL=${other.urls.runner}\n`, { mode: 0o600 });
  const server = await startServer(['--db-url', shown.urls.runner, '--allow-run'], { cwd: desk.folder });
  const live = await listenLive(server);
  try {
    const answer = await server.ask('/api/runs', {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      body: '{"target":"bars","ids":null}',
    });
    expect(answer.status, answer.body).toBe(202);
    const { lastStart } = await live.until('the end', ({ lastStart: last }) => last?.isRunning === false);
    expect(lastStart?.exitCode).toBe(0);
    expect(await readEverything(other.database)).toEqual(untouched);
    expect(await shown.query('select status from refresh_run')).toEqual([['ok']]);
    expect(await shown.query('select id from cmc_price_bars_1d_state')).toEqual([[1]]);
    // It was typed for the page, and nobody can read it in the list of arguments of the refresh.
    expect(desk.readAll()).not.toContain('can be read by other users');
  } finally {
    live.close();
    await server.stop();
    for (const each of [shown, other]) await each.drop();
    desk.clear();
  }
});

test('secrets of the environment that are in the tables are shown by no answer', async () => {
  const token = `12345:${CANARY_WORD}-telegram`;
  await warehouse.execute(
    `update refresh_run set report = jsonb_build_object('error', $1::text, 'verdict', $1::text,
    'warnings', jsonb_build_array($1::text)), command = $1`,
    [`sent to ${token}`],
  );
  await warehouse.execute(
    `insert into asset_quarantine (id, component, failures, last_run, reason)
    values (1, 'bars', 1, gen_random_uuid(), $1)`,
    [`sent to ${token}`],
  );
  const server = await startServer([], {
    url: warehouse.urls.reader,
    env: { TELEGRAM_BOT_TOKEN: token },
  });
  const live = await listenLive(server);
  try {
    // The helper refuses every answer with the canary in it.
    for (const path of ['/api/runs', '/api/runs/last', '/api/freshness', '/api/assets/1', '/metrics'])
      expect((await server.ask(path)).status, path).toBe(200);
    expect((await server.ask('/api/runs')).body).toContain('sent to ***');
    const state = await live.until('a state', () => true);
    expect(state.lastRun?.command).toBe('sent to ***');
  } finally {
    live.close();
    await server.stop();
  }
});
