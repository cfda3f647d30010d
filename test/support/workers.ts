/** Workers as real processes, which a test may stop, resume and kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { formatGrants } from '../../src/storage/grants.js';
import { builtFile, cleanEnvironment } from './cli.js';
import { createTestDatabase } from './database.js';
import { listDescendants } from './processes.js';
import { runAdminStatement } from './server.js';
import { expectExit, type Warehouse, warehouseOf } from './warehouse.js';

export interface Worker {
  pid: number;
  /** Everything it said. */
  said(): string;
  /** To it and to all processes below it. */
  signalAll(name: NodeJS.Signals): void;
  /** Asks it to end and gives its exit code. */
  stop(): Promise<number | null>;
}

const STOP_TIMEOUT_MS = 30_000;
const started: ChildProcess[] = [];

/** Starts `barwright worker` on the database of this URL. */
export function startWorker(url: string, args: readonly string[] = []): Worker {
  const child = spawn(process.execPath, [builtFile('cli/bin.js'), 'worker', ...args], {
    env: cleanEnvironment({ TARGET_DB_URL: url }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const { pid } = child;
  if (pid === undefined) throw new Error('the worker could not be started');
  return {
    pid,
    said: () => said,
    signalAll(name) {
      for (const each of [...listDescendants(pid), pid]) process.kill(each, name);
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null)
        await once(child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
      return child.exitCode;
    },
  };
}

/** Ends what a failed test has left. */
export function killWorkers(): void {
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}

/** A warehouse with a queue, whose roles have the rights that `grants --queue` prints. */
export async function createQueuedWarehouse(): Promise<Warehouse> {
  const created = await createTestDatabase();
  if (created.roles !== null) {
    const { owner, runner } = created.roles;
    const scope = { owner, runner, reader: null, schema: 'public', source: null, queue: true };
    await runAdminStatement(created.url, formatGrants(scope));
  }
  const warehouse = warehouseOf(created);
  await expectExit(0, warehouse.run(['init', '--queue']));
  return warehouse;
}
