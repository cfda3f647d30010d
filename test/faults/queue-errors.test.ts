/** What goes wrong with the queue's library: a sentence, never a stack, never an object without words. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeError } from '../../src/orchestration/program/describe-error.js';
import { describeFailure } from '../../src/storage/failures/failures.js';
import { writePrices } from '../support/prices.js';
import { startProxy } from '../support/proxy.js';
import { runAdminStatement } from '../support/server.js';
import { expectExit, type Warehouse } from '../support/warehouse.js';
import { createQueuedWarehouse, killWorkers, startWorker } from '../support/workers.js';

const UNREADABLE = /\[object Object\]|\n {4}at |node_modules|undefined|Unhandled/;

let warehouse: Warehouse;
beforeEach(async () => {
  warehouse = await createQueuedWarehouse();
});
afterEach(async () => {
  killWorkers();
  await warehouse.drop();
});

test('its schema is dropped under a worker: it is reported in words, once', async () => {
  const worker = startWorker(warehouse.urls.runner);
  await worker.waitToSay('waits for tasks');
  await runAdminStatement(warehouse.url, 'drop schema public_queue cascade');
  await worker.waitToSay(/\[WARNING\] queue: .*(does not exist|not found)/);
  expect(worker.said()).not.toMatch(UNREADABLE);
  expect(await worker.stop()).toBe(0);
});

test('its rights are revoked: worker and run say which', async () => {
  await writePrices(warehouse.database, { ids: [1], days: 3 });
  await runAdminStatement(warehouse.url, `revoke all on schema public_queue from ${warehouse.roles?.runner}`);
  for (const args of [['worker'], ['refresh', '--bars', '--distribute', '--worker-wait', '1']]) {
    const { stdout, stderr } = await expectExit(1, warehouse.run(args, { timeoutMs: 60_000 }));
    expect(`${stdout}${stderr}`).toMatch(/permission denied|queue in schema "public_queue"/);
    expect(`${stdout}${stderr}`).not.toMatch(UNREADABLE);
  }
});

test('the connections are cut while it is made and while it is used', async () => {
  const proxy = await startProxy(warehouse.urls.owner);
  proxy.onMessage(({ sql }) => (/public_queue|pgboss|create_queue/.test(sql) ? 'cut' : 'forward'));
  const { stdout, stderr } = await expectExit(
    1,
    warehouse.run(['init', '--queue'], { env: { TARGET_DB_URL: proxy.url }, timeoutMs: 60_000 }),
  );
  expect(`${stdout}${stderr}`).not.toMatch(UNREADABLE);
  expect(`${stdout}${stderr}`).toMatch(/^\[FAILED\] /m);
  await proxy.close();
});

test('whatever a library throws or sends as an error has words', () => {
  const thrown: unknown[] = [
    ...[
      { message: 'told', code: 'X' },
      { code: 'E_ONLY' },
      { a: 1 },
      null,
      undefined,
      'text',
      7,
      new Error(''),
    ],
    ...[new AggregateError([new Error('inner')]), Object.assign(new Error(''), { code: 'ECONNREFUSED' })],
    new Error('outer', { cause: { message: 'inner of no class' } }),
  ];
  const circular: { self?: unknown } = {};
  circular.self = circular;
  for (const error of [...thrown, circular])
    for (const words of [describeFailure(error), describeError(error)])
      expect(words).toMatch(/^(?!.*\[object Object\]).+$/);
  expect(describeError(thrown.at(-1))).toBe('outer: inner of no class');
  expect(describeFailure({ message: 'told' })).toBe('told');
});
