/** An embedded server of a test's own, which may be restarted under its clients. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureEmbedded, stopEmbedded } from '../../src/storage/embedded/embedded.js';
import { embeddedPaths } from '../../src/storage/embedded/paths.js';
import { findServerUser, runProgram } from '../../src/storage/embedded/process.js';
import { waitFor } from './processes.js';
import { runAdminStatement } from './server.js';

const RESTART_TIMEOUT_MS = 120_000;

export interface OwnServer {
  /** URL of a superuser. */
  url: string;
  dataDir: string;
  /** `pg_ctl restart -m immediate`: as a crash, with recovery; waits until the server answers again. */
  restart(): Promise<void>;
  /** Stops it; its data stay. */
  stop(): Promise<unknown>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

/** Makes and starts a server. What was committed survives its own crash, though not the machine's. */
export async function startOwnServer(settings: Readonly<Record<string, string>> = {}): Promise<OwnServer> {
  return startServerIn(makeServerFolder(), settings);
}

/** A new folder for the data of a server, which its user may enter. */
export function makeServerFolder(): string {
  const dataDir = mkdtempSync(join(tmpdir(), `barwright-test-${process.pid}-`));
  chmodSync(dataDir, 0o755);
  return dataDir;
}

/** The server of this folder, made where there is none. */
export async function startServerIn(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnServer> {
  const { url } = await ensureEmbedded({ dataDir, settings: { fsync: 'off', ...settings } });
  return {
    url,
    dataDir,
    restart: () => restart(dataDir, url),
    stop: () => stopEmbedded({ dataDir }),
    async remove() {
      await stopEmbedded({ dataDir });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function restart(dataDir: string, url: string): Promise<void> {
  const { root, data } = embeddedPaths(dataDir);
  const copy = readdirSync(root).find((name) => name.startsWith('postgresql-'));
  const log = join(data, 'restart.log');
  const { code, output } = await runProgram(
    join(root, copy ?? '', 'bin', 'pg_ctl'),
    ['restart', '-m', 'immediate', '-w', '-t', '60', '-D', data, '-l', log],
    { user: findServerUser(data), timeoutMs: RESTART_TIMEOUT_MS },
  );
  if (code !== 0) throw new Error(`pg_ctl restart ended with ${code}: ${output}`);
  await waitFor(`the restarted server, which says: ${readFileSync(log, 'utf8')}`, () =>
    runAdminStatement(url, 'select 1').catch(() => null),
  );
}
