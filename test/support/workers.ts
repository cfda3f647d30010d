/** Workers as real processes, which a test may stop, resume and kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { formatGrants } from '../../src/storage/schema/grants.js';
import { builtFile, cleanEnvironment } from './cli.js';
import { createTestDatabase } from './database.js';
import { listDescendants, waitFor } from './processes.js';
import { runAdminStatement } from './server.js';
import { expectExit, type Warehouse, warehouseOf } from './warehouse.js';

export interface Worker {
  pid: number;
  /** Everything it said. */
  said(): string;
  /** Waits until it has said this. */
  waitToSay(words: string | RegExp): Promise<void>;
  /** To it and to all processes below it. */
  signalAll(name: NodeJS.Signals): void;
  /** Asks it to end and gives its exit code. */
  stop(): Promise<number | null>;
}

const STOP_TIMEOUT_MS = 60_000;
const started: { child: ChildProcess; worker: Worker }[] = [];

/** Starts `barwright worker` on the database of this URL, in a folder that may have a configuration. */
export function startWorker(url: string, args: readonly string[] = [], cwd?: string): Worker {
  const child = spawn(process.execPath, [builtFile('cli/bin.js'), 'worker', ...args], {
    cwd,
    env: cleanEnvironment({ TARGET_DB_URL: url }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const { pid } = child;
  if (pid === undefined) throw new Error('the worker could not be started');
  const worker: Worker = {
    pid,
    said: () => said,
    async waitToSay(words) {
      const isSaid = () => (typeof words === 'string' ? said.includes(words) : words.test(said));
      await waitFor(`worker ${pid} to say ${words}`, () => (isSaid() ? true : null)).catch((cause) => {
        throw new Error(`${cause}; it ended with ${child.exitCode ?? child.signalCode} and said: ${said}`);
      });
    },
    signalAll(name) {
      // A stopped process starts no more children; a killed one has none any more.
      const below = listDescendants(pid);
      signal(pid, name);
      for (const each of new Set([...below, ...listDescendants(pid)])) signal(each, name);
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null)
        await once(child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) }).catch(() => {
          throw new Error(
            `waited ${STOP_TIMEOUT_MS / 1000} s for the end of worker ${pid}, which said: ${said}`,
          );
        });
      return child.exitCode;
    },
  };
  started.push({ child, worker });
  return worker;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends what a test has left, with all that is below it; `isTold`: shows what was said. */
export function killWorkers({ isTold = false } = {}): void {
  for (const { child, worker } of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) worker.signalAll('SIGKILL');
    if (isTold) console.log(`worker ${worker.pid} said:\n${worker.said()}`);
  }
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
