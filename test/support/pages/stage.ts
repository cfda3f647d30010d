/** Where the lines of a page run: a folder, a database, and the environment of somebody who reads it. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cleanEnvironment } from '../cli.js';
import { withBarwright } from '../examples/run-example.js';
import { makeServerFolder } from '../own-server.js';
import { waitFor } from '../processes.js';
import type { Warehouse } from '../warehouse.js';

const LIMIT_MS = 90_000;

export interface End {
  code: number;
  printed: string;
}

export interface Stage {
  warehouse: Warehouse;
  folder: string;
  env: Record<string, string>;
  /** What a page calls by an example's name, and what it is here. */
  names: Map<string, string>;
  /** Writes a file, or files, of the reader. */
  write(files: Record<string, string>): void;
  /** Runs a line to its end. */
  run(line: string): Promise<End>;
  /** Starts a line, and waits until it has printed what `ready` looks for; it is stopped with the stage at the latest. */
  start(line: string, ready: RegExp): Promise<Started>;
  /** What is to be stopped with the stage. */
  onRemove(stop: () => Promise<unknown>): void;
  remove(): Promise<void>;
}

export interface Started {
  printed(): string;
  /** Sends SIGTERM to everything that was started. */
  stop(): Promise<End>;
}

/** `env` is beside what every reader has: the database in the environment, and `barwright` in the PATH. */
export function createStage(warehouse: Warehouse, env: Record<string, string>): Stage {
  const folder = makeServerFolder();
  const stops: (() => Promise<unknown>)[] = [];
  const stage: Stage = {
    warehouse,
    folder,
    env: cleanEnvironment({
      HOME: folder,
      PATH: withBarwright(folder),
      TARGET_DB_URL: warehouse.url,
      ADMIN_URL: warehouse.url,
      // Nothing is there: no line asks an exchange, also where ccxt is installed.
      BARWRIGHT_CCXT: folder,
      ...env,
    }),
    names: new Map(),
    write: (files) => {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text, { mode: 0o600 });
      }
    },
    run: (line) => begin(stage, line).ended,
    async start(line, ready) {
      const started = await startLine(stage, line, ready);
      stops.push(started.stop);
      return started;
    },
    onRemove: (stop) => stops.push(stop),
    async remove() {
      for (const stop of stops) await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  // psql continues after an error, and curl is content with any answer, unless these files say otherwise.
  stage.write({ '.psqlrc': '\\set ON_ERROR_STOP on\n', '.curlrc': 'fail\nsilent\nshow-error\n' });
  return stage;
}

function begin(stage: Stage, line: string) {
  const typed = [...stage.names].reduce((text, [name, here]) => text.replaceAll(name, here), line);
  const child = spawn('bash', ['-o', 'pipefail', '-c', typed], {
    cwd: stage.folder,
    env: stage.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  // A group of its own: the shell and everything that it started.
  const kill = (signal: NodeJS.Signals) => process.kill(-(child.pid as number), signal);
  const ended = new Promise<End>((resolve, reject) => {
    const limit = setTimeout(() => kill('SIGKILL'), LIMIT_MS);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code: code ?? (signal === 'SIGTERM' ? 143 : 137), printed });
    });
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return { ended, kill, isRunning, printed: () => printed };
}

async function startLine(stage: Stage, line: string, ready: RegExp): Promise<Started> {
  const { ended, kill, isRunning, printed } = begin(stage, line);
  const early = await Promise.race([
    waitFor(`${line} to print ${ready}`, () => (ready.test(printed()) ? 'ready' : null)).catch(() => null),
    ended.then(() => null),
  ]);
  if (early === null) throw new Error(`${line} did not print ${ready}, but: ${printed()}`);
  return {
    printed,
    stop: () => {
      if (isRunning()) kill('SIGTERM');
      return ended;
    },
  };
}
