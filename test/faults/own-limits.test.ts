/** What this machine does to a process: no file descriptors, output that is lost, a clock that is ahead, killed writers. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteOldLogs } from '../../src/orchestration/logs/log-file.js';
import { deleteLeftParts, partOf } from '../../src/storage/backup/partial-files.js';
import { deleteOldRuns } from '../../src/storage/runs/runs.js';
import { builtFile, cleanEnvironment, unwrapped } from '../support/cli.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const TIMEOUT_MS = 60_000;
const DAY_MS = 86_400_000;

let warehouse: Warehouse;
let folder: string;
beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 6 }]);
  folder = mkdtempSync(join(tmpdir(), 'barwright-limits-'));
});
afterAll(async () => {
  await warehouse.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the program below a shell that has done this before it. */
function runBelow(shell: string, args: readonly string[]) {
  const end = spawnSync(
    'sh',
    ['-c', `${shell}; exec "$@"`, 'sh', process.execPath, builtFile('cli/bin.js'), ...args],
    {
      cwd: folder,
      env: cleanEnvironment({ TARGET_DB_URL: warehouse.urls.runner }),
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    },
  );
  return { ...end, said: `${end.stdout}${end.stderr}` };
}

describe('no file descriptors', () => {
  test('from hardly enough to load the program to nearly enough for a run: an end, one sentence, what to do', () => {
    let refusals = 0;
    for (let limit = 22; limit <= 40; limit += 2) {
      const { status, signal, said } = runBelow(`ulimit -n ${limit}`, ['refresh', '--bars']);
      expect([limit, signal]).toEqual([limit, null]);
      expect(said, String(limit)).not.toMatch(
        /TypeError|Cannot read properties|\n {4}at .*:\d+:\d+|\[object Object\]/,
      );
      if (status === 0) continue;
      refusals += 1;
      expect(unwrapped(said), String(limit)).toMatch(
        /may not open more files: raise its limit \("ulimit -n"/,
      );
    }
    expect(refusals).toBeGreaterThan(2);
  });
});

describe('output that is lost', () => {
  const full = (stream: 'stdout' | 'stderr', args: readonly string[]) => {
    const sink = openSync('/dev/full', 'w');
    const stdio =
      stream === 'stdout' ? (['ignore', sink, 'pipe'] as const) : (['ignore', 'pipe', sink] as const);
    return spawnSync(process.execPath, [builtFile('cli/bin.js'), ...args], {
      ...{ cwd: folder, encoding: 'utf8', timeout: TIMEOUT_MS, stdio: [...stdio] },
      env: cleanEnvironment({ TARGET_DB_URL: warehouse.urls.runner }),
    });
  };
  const LOST = /^\[FAILED\] stdout could not be written \(.*ENOSPC.*\): what was said there is lost$/m;

  test.each([
    [['status']],
    [['status', '--json']],
    [['refresh', '--all']],
    [['refresh', '--all', '--json']],
    [['plan']],
    [['doctor']],
    [['runs']],
    [['completion', 'bash']],
    [['grants', '--runner', 'somebody']],
    [['--help']],
    [['refresh', '--help']],
    [['--version']],
  ])('%j to a full disk: exit 5, and a word on stderr', (args) => {
    const { status, stderr } = full('stdout', args);
    expect(stderr).toMatch(LOST);
    expect(status).toBe(5);
  });

  test('what failed keeps its code; what went wrong with stderr is a code too', () => {
    expect(full('stdout', ['status', '--schema', 'nowhere']).status).toBe(1);
    expect(full('stdout', ['refresh']).status).toBe(2);
    expect(full('stderr', ['status', '--json']).status).toBe(0);
    expect(full('stderr', ['refresh', '--all', '--json']).status).toBe(5);
  });

  test('a run that is recorded says in its row that it was done', async () => {
    expect(full('stdout', ['refresh', '--all']).status).toBe(5);
    const rows = await warehouse.query(
      'select status, exit_code from refresh_run order by started_at desc limit 1',
    );
    expect(rows).toEqual([['ok', 0]]);
  });
});

describe('a clock that is ahead', () => {
  test('of this machine: the newest thirty logs stay, whatever their days', () => {
    const logs = mkdtempSync(join(folder, 'logs-'));
    const now = Date.now();
    const nameOf = (daysAgo: number) =>
      `refresh-${new Date(now - daysAgo * DAY_MS).toISOString().slice(0, 10)}.log`;
    for (let daysAgo = 0; daysAgo < 40; daysAgo += 1) writeFileSync(join(logs, nameOf(daysAgo)), '');
    deleteOldLogs(logs, new Date(now));
    expect(readdirSync(logs)).toHaveLength(31);
    deleteOldLogs(logs, new Date(now + 5 * 365 * DAY_MS));
    expect(readdirSync(logs).sort()).toEqual(Array.from({ length: 30 }, (_, at) => nameOf(29 - at)));
  });

  test('of the database: the newest four hundred runs stay', async () => {
    await warehouse.execute(
      `insert into refresh_run (run, command, as_of, started_at, finished_at, status, host, pid, version)
       select gen_random_uuid(), 'old', t, t, t, 'ok', 'here', 1, '0'
       from generate_series(1, 410) day, lateral (select now() - make_interval(days => 500 + day)) x (t)`,
    );
    const count = async () =>
      (await warehouse.query<[number]>('select count(*) from refresh_run'))[0]?.[0] ?? 0;
    const surplus = (await count()) - 400;
    expect(await deleteOldRuns(warehouse.database)).toBe(surplus);
    expect(await deleteOldRuns(warehouse.database)).toBe(0);
    expect(await count()).toBe(400);
  });
});

describe('a command that writes a file or a folder is killed', () => {
  test('the next backup removes what it left, and nothing of others', async () => {
    const backups = mkdtempSync(join(folder, 'backups-'));
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const release = await holdTable(warehouse.database, 'refresh_run', 'access exclusive');
    let pid = 0;
    const onStart = (started: number) => {
      pid = started;
    };
    const running = warehouse.run(['db', 'backup', join(backups, 'first')], { onStart });
    await waitForWaiter(warehouse.database);
    process.kill(pid, 'SIGKILL');
    await running;
    await release();
    expect(readdirSync(backups)).toEqual([expect.stringMatching(/^\.first\.[0-9a-f]{8}-\d+\.part$/)]);
    // Of a process that lives, of another machine, and no part at all.
    const own = partOf(join(backups, 'living'));
    const others = [own, join(backups, '.far.00000000-1.part'), join(backups, '.note.part')];
    for (const path of others) mkdirSync(path);
    await expectExit(0, warehouse.run(['db', 'backup', join(backups, 'second')]));
    expect(readdirSync(backups).filter((name) => name.startsWith('.first'))).toEqual([]);
    for (const path of others) expect(existsSync(path)).toBe(true);
    expect(existsSync(join(backups, 'second'))).toBe(true);
  });

  test('a part is only taken for left when its process has ended', async () => {
    const parts = mkdtempSync(join(folder, 'parts-'));
    const mine = partOf(join(parts, 'x'));
    writeFileSync(mine, '');
    const ended = spawnSync('true').pid;
    writeFileSync(mine.replace(`-${process.pid}.part`, `-${ended}.part`), '');
    expect(await deleteLeftParts(parts)).toHaveLength(1);
    expect(existsSync(mine)).toBe(true);
  });
});
