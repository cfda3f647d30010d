/** The bench's own embedded server, and databases on it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ensureEmbedded, stopEmbedded } from '../../src/storage/embedded/embedded.js';
import { embeddedPaths } from '../../src/storage/embedded/paths.js';
import { findPostmaster } from '../../src/storage/embedded/postmaster.js';
import { quoteIdentifier } from '../../src/storage/session/database.js';
import { endedChildrenMs } from './processor-time.js';

/** Everything that differs from the embedded server's usual settings. */
export const SETTINGS = {
  // Neither side is to be disturbed at a moment of its own choice: both are vacuumed and analysed before they are timed.
  autovacuum: 'off',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
} as const;

export interface BenchServer {
  version: string;
  url(database: string): string;
  create(database: string, template?: string): Promise<void>;
  drop(database: string): Promise<void>;
  /** Milliseconds that server processes of ended connections have computed since the start. */
  processorMs(): number;
  remove(): Promise<void>;
}

/** Starts a server with data of its own, to be removed with it. */
export async function startBenchServer(): Promise<BenchServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'barwright-bench-'));
  chmodSync(dataDir, 0o755);
  const { url } = await ensureEmbedded({ dataDir, settings: SETTINGS });
  const urlOf = (database: string) => {
    const parsed = new URL(url);
    parsed.pathname = `/${database}`;
    return parsed.href;
  };
  const version = await withClient(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? '';
  });
  const admin = (sql: string) => withClient(url, (client) => client.query(sql));
  return {
    version,
    url: urlOf,
    async create(database, template = 'template0') {
      await admin(
        `create database ${quoteIdentifier(database)} template ${quoteIdentifier(template)} strategy file_copy`,
      );
    },
    async drop(database) {
      await admin(`drop database if exists ${quoteIdentifier(database)} with (force)`);
    },
    processorMs: () => endedChildrenMs(findPostmaster(embeddedPaths(dataDir))?.pid ?? 0),
    async remove() {
      await stopEmbedded({ dataDir });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** One plain connection for the time of some work. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, statement_timeout: 3_600_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** All of it on disk and known to the planner, so that what is timed next pays for itself only. */
export async function settle(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('vacuum (analyze)');
    await client.query('checkpoint');
  });
}
