/** Nobody listens any more: a reader that has gone, a terminal that was closed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtFile, cleanEnvironment } from '../support/cli.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { listDescendants } from '../support/processes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2];
const END_TIMEOUT_MS = 60_000;

let warehouse: Warehouse;

beforeEach(async () => {
  warehouse = await createWarehouse({}, [{ ids: IDS, days: 6 }]);
});
afterEach(() => warehouse.drop());

/** As a terminal starts it: the leader of a process group of its own. */
function startInGroup(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [builtFile('cli/bin.js'), ...args], {
    cwd: '/',
    env: cleanEnvironment({ TARGET_DB_URL: warehouse.url }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

async function waitForEnd(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(END_TIMEOUT_MS) });
  return code;
}

test('`| head -1`: the run continues to its end, and the summary goes to stderr', async () => {
  const child = startInGroup(['refresh', '--all']);
  let heard = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  child.stdout?.once('data', () => child.stdout?.destroy());
  expect(await waitForEnd(child)).toBe(0);
  expect(heard).toMatch(
    /={70}\nDAILY REFRESH SUMMARY\n={70}\nOverall: OK: .* \(exit 0\)\n(.*\n)*Total time: .*\n$/,
  );
  expect(heard).not.toMatch(/EPIPE|Error/);
  expect(await warehouse.query('select status, exit_code from refresh_run')).toEqual([['ok', 0]]);
});

test('with --json and no reader left at all: the run tables have it', async () => {
  const child = startInGroup(['refresh', '--all', '--json']);
  child.stdout?.destroy();
  child.stderr?.destroy();
  expect(await waitForEnd(child)).toBe(0);
  expect(await warehouse.query('select status, exit_code from refresh_run')).toEqual([['ok', 0]]);
});

test.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'a terminal is closed: %s to the whole group, more than once, and nobody reads: finished, recorded, exit %i',
  async (signal, code) => {
    const release = await holdTable(warehouse.database, 'price_bars');
    const child = startInGroup(['refresh', '--all']);
    child.stdout?.resume();
    child.stderr?.resume();
    await waitForWaiter(warehouse.database);
    const group = child.pid ?? 0;
    expect(listDescendants(group)).toHaveLength(1);
    child.stdout?.destroy();
    child.stderr?.destroy();
    // npm and other wrappers hand on what the terminal has sent already.
    for (let times = 0; times < 3; times += 1) process.kill(-group, signal);
    const ended = waitForEnd(child);
    await release();
    expect(await ended).toBe(code);
    expect(await warehouse.query('select status, exit_code from refresh_run')).toEqual([
      ['interrupted', code],
    ]);
    // The assets in progress were finished, and the rest is for the next run.
    const stages = await warehouse.query('select component, status, ok from refresh_stage order by 1');
    expect(stages).toEqual([
      ['bars', 'ok', IDS.length],
      ['emas', 'not_run', 0],
    ]);
    const { stdout } = await expectExit(0, warehouse.run(['refresh', '--all', '--resume']));
    expect(stdout).toMatch(/\[INFO\] continues run \w{8} \(refresh --all, interrupted\)/);
    await expectExit(0, warehouse.run(['verify', '--source']));
  },
);
