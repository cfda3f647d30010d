/** Scenarios 1 to 5 of refresh.md: what is asked for, and what a dry run says of it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IMPATIENT, runCli } from '../support/cli.js';
import { readContents, readEverything } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const BANNER = `${'='.repeat(70)}\nDAILY REFRESH SUMMARY\n${'='.repeat(70)}\n`;
const UNREACHABLE = 'postgresql://nobody@127.0.0.1:1/nothing';

test('scenario 1: no flags -> exit 2 and the exact text, whatever is configured', async () => {
  for (const env of [{}, { TARGET_DB_URL: UNREACHABLE }, { TARGET_DB_URL: 'no url' }]) {
    const { code, stdout, stderr } = await runCli(['refresh'], { env });
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /^Must specify --bars, --emas, or --all\nUsage: (barwright|daily-refresh).* \[options\]\n/,
    );
    expect(stdout).not.toContain('SUMMARY');
    expect(stderr).toBe('');
  }
});

test('scenario 2: --help lists every option, of every command', async () => {
  const database = ['--db-url', '--embedded', '--data-dir', '--schema'];
  const component = ['--ids', ...database, '--source', '--dry-run', '--verbose', '--continue-on-error'];
  const telling = [
    ...['--quiet', '--strict', '--alert-on-error'],
    ...['--alert-exec', '--log-file', '--no-log-file', '--metrics-file'],
  ];
  const late = ['--late-after', '--allow-late'];
  const both = [
    ...component,
    ...['--full-rebuild', '--tfs', '--accept-deletions', '--accept-provisional'],
    ...['--validate', '-n, --num-processes', '--timeout', '--json'],
    ...late,
    ...telling,
  ];
  const again = [
    ...database,
    '--dry-run',
    '--verbose',
    '--continue-on-error',
    '-n, --num-processes',
    ...late,
  ];
  const gate = ['--skip-stale-check', '--staleness-hours'];
  const planned = [
    ...['--bars', '--emas', '--indicators', '--all', '--ids', ...database, '--source', ...gate],
    '--full-rebuild',
    ...['--tfs', '--periods', '--tf-period-combos', '--accept-deletions', '--json'],
    ...['--accept-provisional', '--late-after'],
  ];
  const commands: [string[], string[]][] = [
    [
      ['refresh'],
      [
        ...['--bars', '--emas', '--indicators', '--all', '--periods', '--tf-period-combos', '--resume'],
        ...[...gate, ...both, '--distribute', '--worker-wait'],
      ],
    ],
    [['worker'], [...database, '-n, --num-processes']],
    [['runs'], [...database, '--limit', '--json']],
    [['retry'], [...again, '--timeout', ...telling, '--json']],
    [['bars'], ['--only', ...both]],
    [['emas'], ['--only', ...both]],
    [['indicators'], ['--only', ...both]],
    [['indicator', 'remove'], database],
    [
      ['ingest'],
      [
        ...['--id', '--skip-bad-rows', '--watch', '--exchange', '--symbol', '--coinmarketcap', '--since'],
        ...['--map', '--date-format', '--decimal', '--zone', '--adjusted', '--currency', '--strict'],
        ...['--accept-currency', '--accept-name', '--accept-adjustment'],
        ...[...database, '--json'],
      ],
    ],
    [['check'], ['--max-age', '--allow-skipped', '--whole', ...late, ...database, '--source', '--json']],
    [
      ['status'],
      [
        ...['--ids', '--late', '--stale', '--failed', '--sort', ...database, '--source', '--staleness-hours'],
        ...['--late-after', '--json'],
      ],
    ],
    [
      ['asset', 'add'],
      ['--symbol', '--name', '--asset-class', '--currency', ...database],
    ],
    [
      ['asset', 'list'],
      [...database, '--json'],
    ],
    [['asset', 'retire'], database],
    [['asset', 'restore'], database],
    [
      ['asset', 'purge'],
      ['--yes', ...database, '--source', '--json'],
    ],
    [['asset', 'release'], database],
    [['plan'], planned],
    [['verify'], ['--ids', '--sample', '--seed', '--source', ...database, '--verbose', '--json']],
    [
      ['state', 'rebuild'],
      ['--ids', ...database, '--source', '--dry-run', '--json'],
    ],
    [['db', 'backup'], database],
    [['db', 'restore'], database],
    [['explain'], [...database, '--source', '--staleness-hours', '--late-after', '--json']],
    [
      ['export'],
      [
        ...['--id', '--tf', '--alignment', '--period', '--from', '--to', '--snapshots', '--indicator'],
        ...['--format', '--ids', '--tfs', '--periods', '--indicators', '--columns', '--out', ...database],
      ],
    ],
    [
      ['init'],
      [...database, '--track-changes', '--untrack-changes', '--source', '--citus', '--queue', '--head-views'],
    ],
    [['migrate'], database],
    [['doctor'], [...database, '--source', '--json']],
    [['grants'], ['--owner', '--runner', '--reader', '--schema', '--source', '--queue']],
    [['db', 'start'], ['--data-dir']],
    [['demo'], ['--data-dir', '--schema']],
    [
      ['schedule'],
      [
        ...['--at', '--cron', '--timezone', '--now', '--ingest', '--fetch', '--skip-bad-rows', ...database],
        ...['--source', '--continue-on-error', '-n, --num-processes', '--timeout', '--strict', '--quiet'],
        ...['--log-file', '--no-log-file', '--metrics-file', '--max-age', '--allow-skipped'],
        ...['--round-timeout', '--alert-exec', ...late, '--json'],
      ],
    ],
    [['mcp'], [...database, '--source', '--staleness-hours', '--late-after']],
    [['completion'], []],
  ];
  for (const [command, options] of commands) {
    const { code, stdout } = await runCli([...command, '--help']);
    expect(code).toBe(0);
    const listed = stdout.split('\n').map((line) => /^ {2}(-[^<[]*?) {2,}|^ {2}(-[^<[]*?) [<[]/.exec(line));
    const names = listed.flatMap((match) => match?.[1] ?? match?.[2] ?? []);
    expect(new Set(names), command.join(' ')).toEqual(new Set([...options, '-h, --help']));
  }
});

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;

  beforeAll(async () => {
    warehouse = await createWarehouse(options, [{ ids: [1, 52], days: 70 }]);
  });
  afterAll(() => warehouse?.drop());

  describe('scenario 3: a dry run gives the plan, writes nothing and exits with 0', () => {
    const dryRun = async (args: readonly string[], target: Warehouse['run'] = warehouse.run) => {
      const { stdout } = await expectExit(0, target(['refresh', '--dry-run', ...args]));
      expect(stdout).toMatch(/^\[DRY RUN\] (bars: run-all-bar-builders|emas: run-all-ema-refreshes) --ids /);
      expect(stdout).toContain(BANNER);
      expect(stdout).toContain('DRY RUN: nothing was written (exit 0)');
      return stdout;
    };

    test('of all, bars and EMAs: before the first run, after it, and when days are waiting', async () => {
      const untouched = await readEverything(warehouse.database);
      const first = await dryRun(['--all']);
      expect(first).toMatch(/\[DRY RUN\] bars 1: first build: 70 days \(\S+ to \S+\)\n/);
      expect(first).toMatch(/\[DRY RUN\] bars 52: first build: 70 days/);
      expect(first).toMatch(/\[DRY RUN\] emas 52: follows its bars/);
      const bars = await dryRun(['--bars', '--ids', '1']);
      expect(bars).toMatch(/bars 1: first build/);
      expect(bars).not.toMatch(/emas|bars 52/);
      const emas = await dryRun(['--emas']);
      expect(emas).toMatch(/emas 1: would skip: no bars yet \(no_state\)/);
      expect(emas).not.toMatch(/\] bars/);
      expect(await readEverything(warehouse.database)).toEqual(untouched);

      await expectExit(0, warehouse.run(['refresh', '--all']));
      expect(await dryRun(['--all'])).toMatch(/bars 1: up to date \(\S+\)\n(.*\n)*.* emas 1: up to date/);
      await writePrices(warehouse.database, { ids: [3], days: 4, endsDaysAgo: 5 });
      const built = await readEverything(warehouse.database);
      const waiting = await dryRun(['--all']);
      expect(waiting).toMatch(/bars 1: up to date/);
      expect(waiting).toMatch(/bars 3: first build: 4 days/);
      expect(await readEverything(warehouse.database)).toEqual(built);
    });

    test('with ids that nobody knows', async () => {
      const stdout = await dryRun(['--all', '--ids', '1,77,52']);
      expect(stdout).toMatch(/^\[DRY RUN\] bars: run-all-bar-builders --ids 1,77,52\n/);
      expect(stdout).toMatch(/would fail: unknown id/);
    });

    test('with a database that has no schema, which stays empty', async () => {
      const empty = await createEmptyDatabase(options);
      const env = { TARGET_DB_URL: empty.url };
      const stdout = await dryRun(['--all'], (args) => runCli(args, { env }));
      expect(stdout).toMatch(/freshness not checked: .*run "barwright init"/);
      expect(await readEverything(empty.database)).toEqual({});
      await empty.drop();
    });
  });

  test('scenario 4: --bars --emas is the same as --all', async () => {
    const rows: unknown[] = [];
    for (const flags of [['--bars', '--emas'], ['--all']]) {
      const other = await createWarehouse(options, [{ ids: [1, 52], days: 70 }]);
      const { code, report } = await other.report(['refresh', ...flags]);
      const counts = report.components.map(({ durationSec: _, outcomes, ...result }) => ({
        ...result,
        outcomes: outcomes?.map(({ durationMs: _ms, ...outcome }) => outcome),
      }));
      const runs = await other.query('select command, status, exit_code from refresh_run');
      rows.push({ code, counts, runs, contents: await readContents(other.database) });
      await other.drop();
    }
    expect(rows[0]).toMatchObject({ code: 0, runs: [['refresh --all', 'ok', 0]] });
    expect(rows[0]).toEqual(rows[1]);
  });

  test('scenario 5: unknown and retired ids are failures by name, and the others still run', async () => {
    const other = await createWarehouse(options, [{ ids: [1, 52, 825], days: 70 }]);
    await other.execute('insert into dim_assets (id, active) values (52, false)');
    const asked = await other.report(['refresh', '--all', '--ids', ' 1, 77,52 ,,1']);
    expect(asked.code).toBe(1);
    expect(outcomesOf(asked.report, 'bars')).toEqual(['1 ok', '52 failed', '77 failed']);
    expect(outcomesOf(asked.report, 'emas')).toEqual(['1 ok']);
    expect(reasonOf(asked.report, 'bars', 77)).toMatch(/unknown id/);
    expect(reasonOf(asked.report, 'bars', 52)).toMatch(/retired/);
    expect(asked.stderr).toMatch(/\[FAILED\] bars, ID 77: unknown id/);
    const all = await other.report(['refresh', '--all', '--ids', 'aLL']);
    expect(all.code).toBe(0);
    expect(outcomesOf(all.report, 'emas')).toEqual(['1 ok', '825 ok']);
    await other.drop();
  });
});

describe('scenario 3, without any database', () => {
  test.each([
    ['no URL at all', {}, 'no database is named'],
    ['nothing that answers', { TARGET_DB_URL: UNREACHABLE, ...IMPATIENT }, 'ECONNREFUSED'],
    ['a URL that is none', { TARGET_DB_URL: 'mysql://h/d' }, 'expected a URL like'],
  ])('%s', async (_what, env, why) => {
    for (const [flags, lines] of [
      [['--all'], ['bars: run-all-bar-builders', 'emas: run-all-ema-refreshes']],
      [['--bars'], ['bars: run-all-bar-builders']],
      [['--emas'], ['emas: run-all-ema-refreshes']],
    ] as const) {
      const { code, stdout } = await runCli(['refresh', '--dry-run', '--ids', '1', ...flags], { env });
      expect(code).toBe(0);
      expect(stdout.startsWith(lines.map((line) => `[DRY RUN] ${line} --ids 1\n`).join(''))).toBe(true);
      expect(stdout.match(/\[DRY RUN\]/g)).toHaveLength(lines.length);
      expect(stdout).toContain('freshness not checked');
      expect(stdout).toContain(why);
    }
  });

  test('an embedded server that does not exist is not made', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'barwright-dry-'));
    const args = ['refresh', '--all', '--dry-run', '--embedded', '--data-dir', dataDir];
    const { code, stdout } = await runCli(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/freshness not checked: the embedded server does not exist yet/);
    expect(readdirSync(dataDir)).toEqual([]);
    rmSync(dataDir, { recursive: true });
  });
});

test('scenario 5: what is no list of ids is a usage error that names the value, without a summary', async () => {
  // It may be the symbol of an asset: only a database could know.
  const symbol = await runCli(['refresh', '--all', '--ids=x']);
  expect(symbol.code).toBe(2);
  expect(symbol.stdout).toMatch(/"x" may be a symbol, and cannot be looked up: no database is named/);
  expect(symbol.stdout).not.toContain('SUMMARY');
  for (const [text, named] of [
    ['0', '0'],
    ['1,-1', '-1'],
    ['1_000', '1_000'],
    ['99999999999', '99999999999'],
    ['', ''],
  ] as const) {
    const { code, stdout } = await runCli(['refresh', '--all', `--ids=${text}`]);
    expect(code, stdout).toBe(2);
    expect(stdout).toContain(`got "${named}"`);
    expect(stdout).not.toContain('SUMMARY');
  }
  for (const hours of ['0', 'Infinity', 'two']) {
    const { code, stdout } = await runCli(['refresh', '--emas', `--staleness-hours=${hours}`]);
    expect(code, stdout).toBe(2);
    expect(stdout).toContain('--staleness-hours');
    expect(stdout).not.toContain('SUMMARY');
  }
});
