/** The log file of a run, --quiet and --strict, with real processes. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { unwrapped } from '../support/cli.js';
import { createDesk, type Desk, type LogLine } from '../support/desk.js';
import { holdTable, waitForSilence, waitForWaiter } from '../support/locks.js';
import { waitFor } from '../support/processes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const SUMMARY = 'DAILY REFRESH SUMMARY';
const TODAY = () => `refresh-${new Date().toISOString().slice(0, 10)}.log`;

let warehouse: Warehouse;
let desk: Desk;
beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 52], days: 45 }]);
});
afterAll(() => warehouse?.drop());
beforeEach(() => {
  desk = createDesk({ TARGET_DB_URL: warehouse.url });
});
afterEach(() => desk.clear());

const words = (lines: readonly LogLine[], event: string) =>
  lines.filter((line) => line.event === event).map(({ level, msg }) => `${level} ${msg}`);

describe('the log file', () => {
  test('reports a run from its beginning to its report, as JSON lines by the UTC day, and is appended to', async () => {
    await expectExit(0, desk.run(['refresh', '--all', '--verbose', '--ids', '1', '-n', '2']));
    expect(desk.listLogs()).toEqual([TODAY()]);
    const lines = desk.readLog();
    expect(lines[0]).toMatchObject({
      level: 'info',
      event: 'start',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      command: 'refresh --all',
      options: { ids: [1], numProcesses: 2, verbose: true },
    });
    expect(lines.map(({ msg }) => msg)).toContainEqual(
      expect.stringMatching(/^database: postgresql:\/\/.* \(from TARGET_DB_URL\)$/),
    );
    expect(words(lines, 'started')).toEqual(['info started', 'info started']);
    expect(words(lines, 'asset_started')).toEqual(['debug asset started', 'debug asset started']);
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'series', level: 'debug', id: 1, tf: '7D' }),
    );
    const outcomes = lines.filter(({ event }) => event === 'outcome');
    expect(outcomes).toEqual([
      expect.objectContaining({ level: 'info', component: 'bars', id: 1, status: 'ok', action: 'rebuild' }),
      expect.objectContaining({ level: 'info', component: 'emas', id: 1, status: 'ok', action: 'rebuild' }),
    ]);
    expect(outcomes[0]?.rowsWritten).toBeGreaterThan(45);
    expect(words(lines, 'finished')).toEqual(['info finished', 'info finished']);
    expect(lines.at(-1)).toMatchObject({
      event: 'report',
      msg: 'OK: everything asked for is done (exit 0)',
      report: {
        exitCode: 0,
        components: [
          { component: 'bars', ok: 1 },
          { component: 'emas', ok: 1 },
        ],
      },
    });
    await expectExit(0, desk.run(['bars', '--ids', '1']));
    expect(desk.readLog().length).toBeGreaterThan(lines.length);
    expect(desk.readLog()[lines.length]).toMatchObject({ event: 'start', command: 'refresh --bars' });
  });

  test('has failures and skips by name, also those that no child reported, and warnings in full', async () => {
    await warehouse.execute('insert into dim_assets (id) select generate_series(1001, 1120)');
    try {
      const { stdout } = await expectExit(1, desk.run(['refresh', '--emas', '--ids', '7']));
      expect(stdout).toContain('unknown id');
      const cut = await expectExit(3, desk.run(['refresh', '--emas']));
      expect(cut.stdout).toMatch(/\[WARNING\] 12\d IDs have stale bars: \[.*… 2\d more\]/);
    } finally {
      await warehouse.execute('delete from dim_assets where id > 1000');
    }
    const lines = desk.readLog();
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'outcome', id: 7, status: 'failed' }),
    );
    const stale = lines.find(({ msg }) => /IDs have stale bars/.test(msg));
    expect(stale?.level).toBe('warn');
    expect(stale?.msg).toMatch(/1001, 1002, .*1119, 1120\]$/);
    const skipped = lines.filter(({ event, status }) => event === 'outcome' && status === 'skipped');
    expect(skipped.length).toBeGreaterThanOrEqual(120);
    expect(skipped[0]).toMatchObject({ level: 'warn', component: 'emas' });
  });

  test('--log-file names another place, --no-log-file none; a dry run writes nothing at all', async () => {
    await expectExit(0, desk.run(['refresh', '--bars', '--log-file', 'deep/er/my.log']));
    expect(desk.readLog('deep/er/my.log').at(-1)).toMatchObject({ event: 'report' });
    await expectExit(0, desk.run(['refresh', '--bars', '--no-log-file']));
    await expectExit(0, desk.run(['refresh', '--all', '--dry-run', '--log-file', 'dry.log']));
    await expectExit(0, desk.run(['bars', '--dry-run', '--quiet', '--alert-on-error']));
    expect(readdirSync(desk.folder)).toEqual(['deep']);
  });

  test('thirty days are kept, and the newest thirty files; only our own files go', async () => {
    mkdirSync(join(desk.folder, '.logs'));
    const old = ['refresh-2020-01-01.log', 'refresh-2024-12-31.log'];
    const newest = Array.from(
      { length: 30 },
      (_, at) => `refresh-2999-01-${String(at + 1).padStart(2, '0')}.log`,
    );
    const kept = ['notes.txt', 'refresh-2020-01-01.log.gz', ...newest];
    for (const name of [...old, ...kept]) writeFileSync(join(desk.folder, '.logs', name), '');
    await expectExit(0, desk.run(['refresh', '--bars', '--log-file', 'other.log']));
    expect(desk.listLogs()).toEqual([...old, ...kept].sort());
    await expectExit(0, desk.run(['refresh', '--bars']));
    expect(desk.listLogs()).toEqual([...kept, TODAY()].sort());
  });

  test.each([
    ['a full disk', ['--log-file', '/dev/full'], 'ENOSPC'],
    [
      'a place where nothing can be written',
      ['--log-file', '/proc/barwright/run.log'],
      'ENOENT|EACCES|EROFS',
    ],
    ['a file instead of the folder', [], 'EEXIST|ENOTDIR'],
  ])('%s: a warning, and the run continues', async (_what, flags, code) => {
    writeFileSync(join(desk.folder, '.logs'), 'in the way');
    const { stdout, stderr } = await expectExit(0, desk.run(['refresh', '--all', '--strict', ...flags]));
    expect(unwrapped(stdout)).toMatch(
      new RegExp(`\\[WARNING\\] the log .* cannot be written: (${code}): .*; the run continues`),
    );
    expect(stdout).toContain('Overall: OK');
    expect(stderr).toBe('');
  });

  test('kill -9 in mid-run: everything up to then is in it', async () => {
    await warehouse.execute('truncate cmc_price_bars_1d_state, bar_carry, price_bars, cmc_price_bars_1d');
    const release = await holdTable(warehouse.database, 'price_rejects');
    let pid = 0;
    const running = desk.run(['refresh', '--bars'], {
      onStart: (started) => {
        pid = started;
      },
    });
    await waitForWaiter(warehouse.database);
    // The child waits already; its events may still be on their way to the parent.
    await waitFor('both assets in the log', () =>
      words(desk.readLog(), 'asset_started').length === 2 ? true : null,
    );
    process.kill(pid, 'SIGKILL');
    expect((await running).signal).toBe('SIGKILL');
    await release();
    await waitForSilence(warehouse.database);
    await warehouse.execute('update refresh_lease set expires = now()');
    const lines = desk.readLog();
    expect(words(lines, 'start')).toHaveLength(1);
    expect(words(lines, 'asset_started')).toHaveLength(2);
    expect(words(lines, 'report')).toEqual([]);
    await expectExit(0, desk.run(['refresh', '--all']));
  });

  test('--help loads neither the logger nor the metrics, and a run without metrics not those', async () => {
    const loaded = async (args: readonly string[]) => {
      const spy = `import { Module } from 'node:module'; process.on('exit', () => { if (process.argv[2] === '${args[0]}')
        process.stderr.write(Object.keys(Module._cache).filter((file) => /node_modules.(pino|prom-client)./.test(file)).join()); });`;
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(spy)}`;
      const { stderr } = await expectExit(0, desk.run(args, { env: { NODE_OPTIONS } }));
      return ['pino', 'prom-client'].filter((name) => stderr.includes(`/${name}/`));
    };
    expect(await loaded(['--help'])).toEqual([]);
    expect(await loaded(['status'])).toEqual([]);
    expect(await loaded(['refresh', '--all', '--no-log-file'])).toEqual([]);
    expect(await loaded(['refresh', '--all'])).toEqual(['pino']);
    expect(await loaded(['refresh', '--all', '--metrics-file', 'm.prom'])).toEqual(['pino', 'prom-client']);
  });
});

describe('--quiet', () => {
  test('nothing on success; with --json the report alone', async () => {
    const quiet = await expectExit(0, desk.run(['refresh', '--all', '--quiet']));
    expect([quiet.stdout, quiet.stderr]).toEqual(['', '']);
    const json = await expectExit(0, desk.run(['refresh', '--all', '--quiet', '--json']));
    expect(JSON.parse(json.stdout)).toMatchObject({ exitCode: 0, components: [{ ok: 2 }, { ok: 2 }] });
    expect(json.stderr).toBe('');
  });

  test('warnings and the summary when it is not a success', async () => {
    await warehouse.execute('insert into dim_assets (id) values (1001)');
    const { stdout } = await expectExit(3, desk.run(['refresh', '--emas', '--quiet']));
    await warehouse.execute('delete from dim_assets where id > 1000');
    expect(stdout).toMatch(/^\[WARNING\] 1 IDs have stale bars: \[1001\]\n\n=+\nDAILY REFRESH SUMMARY\n/);
    expect(stdout).toContain('[WARNING] emas, ID 1001: skipped: no bars yet (no_state)\n');
    const failed = await expectExit(1, desk.run(['refresh', '--all', '--quiet', '--ids', '7', '--json']));
    expect(JSON.parse(failed.stdout)).toMatchObject({ exitCode: 1 });
    expect(failed.stderr).toContain(SUMMARY);
    const usage = await expectExit(
      2,
      desk.run(['refresh', '--all', '--quiet'], { env: { TARGET_DB_URL: '' } }),
    );
    expect(usage.stdout).toMatch(/^no database is named/);
  });

  test('a dry run is there to be read', async () => {
    const { stdout } = await expectExit(0, desk.run(['refresh', '--all', '--quiet', '--dry-run']));
    expect(stdout).toMatch(/^\[DRY RUN\] bars: /);
  });
});

describe('--strict', () => {
  test('gaps and repairs: 3 with the reason, in the verdict and in refresh_run', async () => {
    const late = await createWarehouse({}, [{ ids: [9], days: 45, endsDaysAgo: 9 }]);
    await late.execute(`delete from cmc_price_histories7 where timestamp::date = current_date - 20`);
    await late.execute(
      `update cmc_price_histories7 set high = low where timestamp::date = current_date - 30`,
    );
    const env = { TARGET_DB_URL: late.url };
    const strict = await expectExit(3, desk.run(['refresh', '--all', '--strict'], { env }));
    expect(strict.stdout).toMatch(
      /\nOverall: WARNINGS \(--strict\): 2 warnings \(exit 3\)\n\[WARNING\] \d+ repairs?\n {4}since this run; type: barwright explain \d+\n\[WARNING\] 1 gap day\n/,
    );
    const rows = await late.query(`select exit_code, report ->> 'verdict' ~ 'WARNINGS' from refresh_run`);
    expect(rows).toEqual([[3, true]]);
    await expectExit(0, desk.run(['refresh', '--all', '--strict'], { env }));
    await late.drop();
  });

  test('without warnings it is 0', async () => {
    await expectExit(0, desk.run(['refresh', '--all', '--strict', '--quiet']));
    expect(existsSync(join(desk.folder, '.logs'))).toBe(true);
  });
});
