/** The proxy itself: what the fault tests stand on. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/session/database.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { waitFor } from './processes.js';
import { type DatabaseProxy, type FrontendMessage, startProxy } from './proxy.js';

let direct: TestDatabase;
let proxy: DatabaseProxy;
let through: Database;

beforeEach(async () => {
  direct = await createTestDatabase();
  await direct.database.transaction((tx) => tx.execute('create table seen (n int)'));
  proxy = await startProxy(direct.url);
  through = openDatabase(proxy.url, { maxConnections: 2 });
  return async () => {
    proxy.resume();
    await through.close();
    await proxy.close();
  };
});
afterEach(() => direct?.drop());

const insert = (n: number) => through.transaction((tx) => tx.execute('insert into seen values ($1)', [n]));
const seen = async () =>
  (await direct.database.read((tx) => tx.query<[number]>('select n from seen order by n'))).map(([n]) => n);

test('forwards, and shows every message with its text', async () => {
  const messages: FrontendMessage[] = [];
  proxy.onMessage((message) => {
    messages.push(message);
    return 'forward';
  });
  await insert(1);
  await through.transaction(async (tx) => {
    await tx.copyIn('copy seen from stdin', [Buffer.from('2\n'), Buffer.from('3\n')]);
  });
  expect(await seen()).toEqual([1, 2, 3]);
  expect(messages[0]).toEqual({ connection: 1, type: '', sql: '' });
  expect(messages.map(({ type }) => type).join('')).toMatch(/Q.*PBDES.*Q.*Q.*d.*c.*Q/);
  expect(messages.filter(({ sql }) => sql === 'commit')).toHaveLength(2);
  expect(messages.map(({ sql }) => sql)).toContain('insert into seen values ($1)');
});

test('cuts before a message arrives, and after one was answered', async () => {
  proxy.onMessage(({ sql }) => (sql === 'commit' ? 'cut' : 'forward'));
  await expect(insert(1)).rejects.toThrow();
  expect(await seen()).toEqual([]);
  proxy.onMessage(({ sql }) => (sql === 'commit' ? 'cut after answer' : 'forward'));
  await expect(insert(2)).rejects.toThrow();
  expect(await seen()).toEqual([2]);
  proxy.onMessage(null);
  await insert(3);
  expect(await seen()).toEqual([2, 3]);
});

test('holds everything back while it is paused, then continues', async () => {
  await insert(1);
  proxy.pause();
  let isDone = false;
  const waiting = insert(2).then(() => {
    isDone = true;
  });
  await waitFor('a message that is held back', () => (proxy.heldBack() > 0 ? true : null));
  expect([isDone, await seen()]).toEqual([false, [1]]);
  proxy.resume();
  await waiting;
  expect(await seen()).toEqual([1, 2]);
});

test('cuts all connections; new ones are served', async () => {
  const asleep = through.read((tx) => tx.query('select pg_sleep(30)'));
  const failure = asleep.catch((error: unknown) => error);
  await waitFor('the statement at the server', async () => {
    const rows = await direct.database.read((tx) =>
      tx.query(`select from pg_stat_activity where query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`),
    );
    return rows.length > 0 ? true : null;
  });
  proxy.cut();
  expect(await failure).toBeInstanceOf(Error);
  await insert(1);
  expect(await seen()).toEqual([1]);
});
