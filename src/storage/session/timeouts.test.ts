/** Of two who can end a statement, the server speaks first: it knows why. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from '../../../test/support/database.js';
import { holdTable } from '../../../test/support/locks.js';
import { startProxy } from '../../../test/support/proxy.js';
import { type Database, type OpenOptions, openDatabase } from './database.js';

let created: TestDatabase;
const opened: Database[] = [];

beforeAll(async () => {
  created = await createEmptyDatabase();
});
afterAll(async () => {
  for (const database of opened) await database.close();
  await created?.drop();
});

function open(options: OpenOptions, url = created.url): Database {
  const database = openDatabase(url, options);
  opened.push(database);
  return database;
}

test('a process that was stopped for longer than its own limit still gets what the server has answered', async () => {
  const database = open({ statementTimeoutMs: 300 });
  await database.read((tx) => tx.query('select 1'));
  const asked = database.read(async (tx) => {
    const answer = tx.query('select pg_sleep(60)');
    // Sent by then; and now nothing of this process moves, as when it is stopped.
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
    return answer;
  });
  await expect(asked).rejects.toThrow('canceling statement due to statement timeout');
});

test('a lock is given up before the statement is, however short that may take', async () => {
  await created.database.transaction((tx) => tx.execute('create table held ()'));
  const release = await holdTable(created.database, 'held', 'access exclusive');
  const asked = open({ statementTimeoutMs: 600 }).read((tx) => tx.query('select from held'));
  await expect(asked).rejects.toThrow(/^could not get a lock within 0\.4 s: process \d+ of the database /);
  await release();
});

test('a server that has fallen silent is said to be, with what to do; the connection is not used again', async () => {
  const proxy = await startProxy(created.url);
  const database = open({ statementTimeoutMs: 300 }, proxy.url);
  const asked = database.read(async (tx) => {
    await tx.query('select 1');
    proxy.pause();
    await tx.query('select 2');
  });
  await expect(asked).rejects.toThrow(
    /^read timeout: the database gave no answer to a statement for 1\.1 s, .*: look at the server and at the network/,
  );
  await proxy.close();
});
