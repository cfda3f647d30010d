/** The database goes away under a server, and comes back: every answer says so, and nobody has to start anything again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HealthResponse, LiveState } from '../../src/web/api/api-types.js';
import { CANARY } from '../support/canary.js';
import { runCli } from '../support/cli.js';
import { type OwnServer, startOwnServer } from '../support/own-server.js';
import { waitFor } from '../support/processes.js';
import { type DatabaseProxy, startProxy } from '../support/proxy.js';
import { listenLive, type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let own: OwnServer;
let warehouse: Warehouse;
beforeAll(async () => {
  own = await startOwnServer();
  warehouse = await createWarehouse({ serverUrl: own.url }, [{ ids: [1], days: 20 }]);
  await expectExit(0, warehouse.run(['refresh', '--all']));
}, 120_000);
afterAll(async () => {
  await warehouse?.drop();
  await own?.remove();
});

const statusOf = async (server: Server, path: string) => {
  const { status, body } = await server.ask(path);
  return { status, ...(JSON.parse(body) as { error?: string; kind?: string }) };
};

test('a database that does not answer: 503 and a sentence, a word to those who listen, and back by itself', async () => {
  const proxy: DatabaseProxy = await startProxy(warehouse.urls.reader);
  const server = await startServer([], { url: proxy.url });
  const live = await listenLive(server);
  try {
    await live.until('a database that is up', ({ database }) => database.isUp);
    expect((await server.ask('/api/freshness')).status).toBe(200);
    proxy.pause();
    proxy.cut();
    const down = await live.until('the word that it is away', ({ database }) => !database.isUp);
    expect(down).toMatchObject({ run: null, database: { error: expect.stringMatching(/^the database /) } });
    expect(await statusOf(server, '/api/freshness')).toMatchObject({
      status: 503,
      kind: 'database_away',
      error: expect.stringMatching(/^the database cannot be reached/),
    });
    const health = await server.ask('/api/health');
    expect([health.status, (JSON.parse(health.body) as HealthResponse).status]).toEqual([
      503,
      'database_away',
    ]);
    expect((await server.ask('/metrics')).body).toMatch(/^barwright_database_up\{.*\} 0$/m);
    proxy.resume();
    const isBack = ({ database, now }: LiveState) => database.isUp && now > down.now;
    const up = await live.until('the word that it is back', isBack);
    expect(up.lastRun).toMatchObject({ status: 'ok' });
    await waitFor('an answer', async () =>
      (await server.ask('/api/freshness')).status === 200 ? true : null,
    );
  } finally {
    live.close();
    await server.stop();
    await proxy.close();
  }
}, 120_000);

test('a server that crashes and recovers', async () => {
  const server = await startServer([], { url: warehouse.urls.reader });
  try {
    expect((await server.ask('/api/runs')).status).toBe(200);
    await own.restart();
    await waitFor('an answer', async () => ((await server.ask('/api/runs')).status === 200 ? true : null));
  } finally {
    await server.stop();
  }
}, 120_000);

test('a database that is away when it begins: it begins all the same; a login that is refused is no passing trouble', async () => {
  const proxy = await startProxy(warehouse.urls.reader);
  await proxy.close();
  const server = await startServer([], { url: proxy.url });
  expect(server.said()).toContain('[WARNING] the database does not answer yet');
  expect(await statusOf(server, '/api/plan')).toMatchObject({ status: 503, kind: 'database_away' });
  await server.stop();
  const refused = new URL(warehouse.urls.reader);
  refused.username = 'no_such_role';
  refused.password = encodeURIComponent(CANARY);
  const end = await runCli(['serve', '--port', '0'], { env: { TARGET_DB_URL: refused.href } });
  expect(end).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^\[FAILED\] .*"no_such_role"/),
  });
}, 120_000);
