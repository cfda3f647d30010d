/** Databases made and dropped on a test server. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CANARY } from './canary.js';

/** A test's database need not survive anything. */
export const TEST_SERVER_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
};

const CONNECT_TIMEOUT_MS = 15_000;
const QUERY_TIMEOUT_MS = 60_000;
const BUSY_TIMEOUT_MS = 20_000;
const BUSY_PAUSE_MS = 100;
const OBJECT_IN_USE = '55006';

/** Runs one statement outside of any transaction. */
export async function runAdminStatement(adminUrl: string, sql: string): Promise<unknown[][]> {
  const client = new pg.Client({
    connectionString: adminUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

/**
 * Makes a database with a new name: empty, or a clone of `template`. `isCopied`: file by file, which takes a third of the
 * time of the log that is else written of all its pages, where a checkpoint need not wait for a disk.
 */
export async function createDatabase(
  adminUrl: string,
  template = 'template0',
  { isCopied = false } = {},
): Promise<{ name: string; url: string }> {
  const name = `barwright_test_${randomBytes(6).toString('hex')}`;
  const strategy = isCopied ? 'file_copy' : 'wal_log';
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      await runAdminStatement(adminUrl, `create database ${name} template ${template} strategy ${strategy}`);
      break;
    } catch (error) {
      // A template is busy while somebody is connected to it: autovacuum, for one.
      const isBusy = error instanceof pg.DatabaseError && error.code === OBJECT_IN_USE;
      if (!isBusy || performance.now() > deadline) throw error;
      await sleep(BUSY_PAUSE_MS);
    }
  }
  return { name, url: urlOf(adminUrl, name) };
}

/** The URL of another database on the same server. */
export function urlOf(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  // A server that asks for no password takes any.
  if (url.password === '') url.password = CANARY;
  return url.href;
}

/** Drops a database, ending its connections. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await runAdminStatement(adminUrl, `drop database if exists ${name} with (force)`);
}
