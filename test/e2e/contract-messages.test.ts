/** What the contract in refresh.md says of messages, dry runs, the summary and child processes. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { builtFile, IMPATIENT, runCli } from '../support/cli.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { listDescendants } from '../support/processes.js';
import { createWarehouse, expectDays, expectExit, type Warehouse } from '../support/warehouse.js';

const SUMMARY = `\n${'='.repeat(70)}\nDAILY REFRESH SUMMARY\n${'='.repeat(70)}\n`;
const daily = (await import(
  builtFile('scripts/run-daily-refresh.js')
)) as typeof import('../../src/scripts/run-daily-refresh.js');

test('no target: the message with the usage, exit 2, before any database is looked for', async () => {
  const env = { TARGET_DB_URL: 'this is no URL' };
  const { code, stdout, stderr } = await runCli([], { script: 'scripts/run-daily-refresh.js', env });
  expect(code).toBe(2);
  expect(stdout).toMatch(/^Must specify --bars, --emas, or --all\nUsage: .*\n/);
  expect(stdout).toContain('--skip-stale-check');
  expect(stderr).toBe('');
  const json = await runCli(['refresh', '--json'], { env });
  expect([json.code, json.stdout]).toEqual([2, '']);
  expect(json.stderr).toMatch(/^Must specify --bars, --emas, or --all\n/);
});

test('--dry-run prints the commands first, with the ids asked for, of the components asked for', async () => {
  const bars = '[DRY RUN] bars: run-all-bar-builders --ids';
  const emas = '[DRY RUN] emas: run-all-ema-refreshes --ids';
  for (const [args, lines] of [
    [
      ['--all', '--ids', '1'],
      [`${bars} 1`, `${emas} 1`],
    ],
    [
      ['--bars', '--emas', '--ids', ' 52,1,'],
      [`${bars} 52,1`, `${emas} 52,1`],
    ],
    [['--bars'], [`${bars} all`]],
    [['--emas', '--ids', 'ALL'], [`${emas} all`]],
    [
      ['--all', '--db-url', 'postgresql://u:secret@127.0.0.1:1/d', '--ids', '7'],
      [`${bars} 7`, `${emas} 7`],
    ],
  ] as const) {
    const { code, stdout } = await runCli(['--dry-run', ...args], {
      script: 'scripts/run-daily-refresh.js',
      env: IMPATIENT,
    });
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, lines.length)).toEqual(lines);
    expect(stdout.match(/^\[DRY RUN\]/gm)).toHaveLength(lines.length);
    expect(stdout).toContain('freshness not checked');
    expect(stdout).toContain(SUMMARY);
  }
});

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;

  beforeAll(async () => {
    warehouse = await createWarehouse(options, [
      { ids: [1], days: 65 },
      { ids: [52, 825], days: 65, endsDaysAgo: 6 },
    ]);
    await expectDays(warehouse);
  });
  afterAll(() => warehouse?.drop());
  /** Whichever test comes first. */
  const buildBars = () => expectExit(3, warehouse.run(['refresh', '--bars']));

  test('bars and EMAs run as subprocesses; a line per asset, with --verbose a line per series', async () => {
    const children = new Set<number>();
    let watch: NodeJS.Timeout | undefined;
    const { stdout, stderr } = await expectExit(
      0,
      warehouse.run(['--all', '--ids', '1'], {
        script: 'scripts/run-daily-refresh.js',
        onStart: (pid) => {
          watch = setInterval(() => {
            for (const child of listDescendants(pid)) children.add(child);
          }, 5);
        },
      }),
    );
    clearInterval(watch);
    expect(children.size).toBe(2);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^\[OK\] bars 1: first build.* rows$/m);
    expect(stdout).toMatch(/^\[OK\] emas 1: first build.* rows$/m);
    expect(stdout).not.toContain('7D');
    expect(stdout).toContain(SUMMARY);
    expect(stdout).toMatch(/\[OK\] bars: 1 ok, 0 failed, 0 skipped\n.*\n\[OK\] emas: 1 ok, 0 failed/);
    const verbose = await expectExit(3, warehouse.run(['bars', '--ids', '52', '--verbose']));
    expect(verbose.stdout).toMatch(/^ +bars 52 multi_tf 7D: 9 rows$/m);
    expect(verbose.stdout).toMatch(/^ +bars 52 1d 1D: 65 rows$/m);
  });

  test('stale bars are warned about, with the advice only if bars did not run; not with --skip-stale-check', async () => {
    await buildBars();
    const warning = '[WARNING] 2 IDs have stale bars: [52, 825]\n';
    const advice = '[INFO] Consider running with --all to refresh bars first\n';
    const emas = await expectExit(3, warehouse.run(['refresh', '--emas']));
    expect(emas.stdout).toContain(warning + advice);
    const all = await expectExit(3, warehouse.run(['refresh', '--all']));
    expect(all.stdout).toContain(warning);
    expect(all.stdout).not.toContain(advice);
    const waived = await expectExit(3, warehouse.run(['refresh', '--emas', '--skip-stale-check']));
    expect(waived.stdout).not.toContain('stale');
    const json = await expectExit(3, warehouse.run(['refresh', '--emas', '--json']));
    expect(json.stderr).toContain(warning + advice);
    expect(json.stderr).toContain(SUMMARY);
    expect(Object.keys(JSON.parse(json.stdout))).toContain('components');
  });

  test('a warning over 100 ids is cut', async () => {
    await buildBars();
    await warehouse.execute('insert into dim_assets (id) select generate_series(1001, 1099)');
    const { code, stderr, report } = await warehouse.report(['refresh', '--emas']);
    await warehouse.execute('delete from dim_assets where id > 1000');
    expect(code).toBe(3);
    const ids = [52, 825, ...Array.from({ length: 98 }, (_, k) => 1001 + k)];
    expect(stderr).toContain(`[WARNING] 101 IDs have stale bars: [${ids.join(', ')}, … 1 more]\n`);
    expect(report.components[0]?.outcomes?.filter(({ status }) => status === 'skipped')).toHaveLength(101);
  });

  test('runBarBuilders and runEmaRefreshers run a component by hand and give its ComponentResult', async () => {
    await buildBars();
    await writePrices(warehouse.database, { ids: [74], days: 65 });
    const context = { dbUrl: warehouse.url, schema: 'public', source: null, lease: null };
    const bars = await daily.runBarBuilders({ ids: [74], context });
    expect(bars).toMatchObject({ component: 'bars', success: true, returnCode: 0, ok: 1, failed: 0 });
    expect(bars.rowsWritten).toBe(bars.rowsNeeded);
    const emas = await daily.runEmaRefreshers({ ids: [74, 1], context });
    expect(emas).toMatchObject({ component: 'emas', success: true, returnCode: 0, ok: 2, skipped: 0 });
    const nowhere = { ...context, dbUrl: 'postgresql://u:secret@127.0.0.1:1/d' };
    for (const [name, value] of Object.entries(IMPATIENT)) vi.stubEnv(name, value);
    const failed = await daily.runEmaRefreshers({ ids: [74], context: nowhere });
    vi.unstubAllEnvs();
    expect(failed).toMatchObject({ success: false, ok: 0, failed: 1 });
    expect(failed.errorMessage).toMatch(/ECONNREFUSED/);
  });

  test('a component by hand takes --dry-run, --only and -n', async () => {
    await buildBars();
    const plan = await expectExit(
      0,
      warehouse.run(['--dry-run'], { script: 'scripts/run-all-bar-builders.js' }),
    );
    expect(plan.stdout).toMatch(/^\[DRY RUN\] bars: run-all-bar-builders --ids all\n/);
    expect(plan.stdout).not.toContain('emas');
    const emas = await expectExit(
      3,
      warehouse.run(['--only', 'cal,v2', '-n', '2'], { script: 'scripts/run-all-ema-refreshes.js' }),
    );
    expect(emas.stdout).toContain(SUMMARY);
    expect(emas.stdout).not.toContain('bars');
    const wrong = await expectExit(2, warehouse.run(['emas', '--only', 'lunar']));
    expect(wrong.stdout).toMatch(/--only knows multi_tf, cal, cal_anchor, v2; got "lunar"/);
  });
});
