/** Every line of "The contract, literally" in refresh.md, on the built program. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { builtFile, cleanEnvironment, runCli } from '../support/cli.js';
import { createEmptyDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { type Warehouse, warehouseOf } from '../support/warehouse.js';

type RefreshUtils = typeof import('../../src/scripts/refresh-utils.js');
type DailyRefresh = typeof import('../../src/scripts/run-daily-refresh.js');
type ComponentResult = import('../../src/scripts/run-daily-refresh.js').ComponentResult;

const ROOT = resolve(import.meta.dirname, '../..');
const utils = (await import(builtFile('scripts/refresh-utils.js'))) as RefreshUtils;
const daily = (await import(builtFile('scripts/run-daily-refresh.js'))) as DailyRefresh;
const { checkBarFreshness, getFreshIds, parseIds, resolveDbUrl } = utils;
const SUMMARY = `${'='.repeat(70)}\nDAILY REFRESH SUMMARY\n${'='.repeat(70)}\n`;

/** Runs a module of a few lines in a Node of its own, somewhere inside the package. */
function runModule(code: string): string {
  const args = ['--input-type=module', '-e', code];
  return execFileSync(process.execPath, args, { cwd: ROOT, env: cleanEnvironment(), encoding: 'utf8' });
}

describe.each(SERVERS)('refresh-utils on $server', ({ options }) => {
  let bare: Warehouse;

  beforeAll(async () => {
    bare = warehouseOf(await createEmptyDatabase(options));
  });
  afterAll(() => bare?.drop());

  test('no table is no_state for every id asked for', async () => {
    const noState = { lastSrcTs: null, isFresh: false, stalenessHours: null, reason: 'no_state' };
    expect(await checkBarFreshness(bare.url, [52, 1])).toEqual([
      { id: 1, ...noState },
      { id: 52, ...noState },
    ]);
    expect(await getFreshIds(bare.url, [52, 1])).toEqual([[], [1, 52]]);
    expect(await checkBarFreshness(bare.url)).toEqual([]);
  });

  test('a table cmc_price_bars_1d_state(id, last_src_ts) is all that freshness needs', async () => {
    await bare.execute('create table cmc_price_bars_1d_state (id int, last_src_ts timestamptz)');
    await bare.execute(
      `insert into cmc_price_bars_1d_state values (825, now() - interval '50 hours'), (52, null),
         (1, now() - interval '40 hours')`,
    );
    const results = await checkBarFreshness(bare.url);
    expect(results.map(({ id, isFresh, reason }) => ({ id, isFresh, reason }))).toEqual([
      { id: 1, isFresh: true, reason: 'fresh' },
      { id: 52, isFresh: false, reason: 'no_state' },
      { id: 825, isFresh: false, reason: 'stale' },
    ]);
    expect(results[2]?.stalenessHours).toBeCloseTo(50, 1);
    expect(results[2]?.lastSrcTs).toBeInstanceOf(Date);
    expect(Object.keys(results[0] ?? {})).toEqual(['id', 'lastSrcTs', 'isFresh', 'stalenessHours', 'reason']);
    expect(await checkBarFreshness(bare.url, null, 60)).toMatchObject([{}, {}, { id: 825, isFresh: true }]);
    expect(await getFreshIds(bare.url)).toEqual([[1], [52, 825]]);
    expect(await getFreshIds(bare.url, null, 60)).toEqual([[1, 825], [52]]);
    expect(await getFreshIds(bare.url, [])).toEqual([[], []]);
  });

  test('all means the active assets: of parseIds, and with the ids that have a state, of freshness', async () => {
    await bare.execute('create table dim_assets (id int, active boolean)');
    await bare.execute('insert into dim_assets values (7, true), (2, true), (825, false)');
    expect(await parseIds('all', bare.url)).toEqual([2, 7]);
    expect(await parseIds(' ALL', bare.url)).toEqual([2, 7]);
    expect(await parseIds('52, 1', bare.url)).toEqual([52, 1]);
    await expect(parseIds('52,x', bare.url)).rejects.toThrow('"x"');
    const results = await checkBarFreshness(bare.url);
    expect(results.map(({ id }) => id)).toEqual([1, 2, 7, 52]);
  });
});

describe('refresh-utils', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('has the shapes of the contract, and is the export barwright/refresh-utils', () => {
    type Result = {
      id: number;
      lastSrcTs: Date | null;
      isFresh: boolean;
      stalenessHours: number | null;
      reason: 'fresh' | 'stale' | 'no_state';
    };
    expectTypeOf(checkBarFreshness).returns.resolves.toEqualTypeOf<Result[]>();
    expectTypeOf(getFreshIds).returns.resolves.toEqualTypeOf<[freshIds: number[], staleIds: number[]]>();
    expectTypeOf(resolveDbUrl).toEqualTypeOf<(cliDbUrl?: string) => string>();
    const keys = runModule(
      `console.log(Object.keys(await import('barwright/refresh-utils')).sort().join(' '))`,
    );
    expect(keys).toBe('checkBarFreshness getFreshIds parseIds resolveDbUrl\n');
  });

  test('parseIds(text): null for all, else numbers; anything else is an error that names it', () => {
    expect(parseIds('all')).toBeNull();
    expect(parseIds(' All ')).toBeNull();
    expect(parseIds('1,52,825')).toEqual([1, 52, 825]);
    expect(parseIds(' 52 ,, 1,52,')).toEqual([52, 1]);
    for (const text of ['x', '0', '-1', '1_000', '99999999999', '', ','])
      expect(() => parseIds(text)).toThrow(`"${text}"`);
  });

  test('resolveDbUrl: the argument, db_config.env up to five folders up, TARGET_DB_URL, MARKETDATA_DB_URL', () => {
    const before = process.cwd();
    process.chdir(mkdtempSync(join(tmpdir(), 'barwright-contract-')));
    try {
      vi.stubEnv('TARGET_DB_URL', undefined);
      vi.stubEnv('MARKETDATA_DB_URL', undefined);
      expect(() => resolveDbUrl()).toThrow(
        /--db-url.*db_config\.env.*TARGET_DB_URL.*MARKETDATA_DB_URL.*--embedded/,
      );
      vi.stubEnv('MARKETDATA_DB_URL', 'postgresql://h/market');
      expect(resolveDbUrl()).toBe('postgresql://h/market');
      vi.stubEnv('TARGET_DB_URL', 'postgresql+psycopg2://h/target');
      expect(resolveDbUrl()).toBe('postgresql://h/target');
      expect(resolveDbUrl('postgres://h/typed')).toBe('postgresql://h/typed');
    } finally {
      process.chdir(before);
    }
  });
});

describe('run-daily-refresh, run-all-bar-builders, run-all-ema-refreshes', () => {
  test('main returns the exit code and never exits by itself', () => {
    for (const [script, argv, code] of [
      ['run-daily-refresh', [], 2],
      ['run-daily-refresh', ['--help'], 0],
      ['run-daily-refresh', ['--nonsense'], 2],
      ['run-daily-refresh', ['--all', '--dry-run'], 0],
      ['run-daily-refresh', ['--all', '--ids', 'x'], 2],
      ['run-all-bar-builders', ['--dry-run'], 0],
      ['run-all-bar-builders', ['--only', 'lunar'], 2],
      ['run-all-ema-refreshes', ['--db-url', 'postgresql://127.0.0.1:1/d'], 1],
    ] as const) {
      const file = JSON.stringify(builtFile(`scripts/${script}.js`));
      const output = runModule(
        `process.chdir(${JSON.stringify(tmpdir())}); const { main } = await import(${file});
         console.log('\\nreturned', await main(${JSON.stringify(argv)}));`,
      );
      expect(output.endsWith(`\nreturned ${code}\n`), output).toBe(true);
    }
  });

  test('are the bins, with the names of the contract', async () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    const folder = mkdtempSync(join(tmpdir(), 'barwright-bins-'));
    const helps = new Map<string, string>();
    for (const [name, path] of Object.entries(bin)) {
      const link = join(folder, name);
      // npm installs a bin as a link.
      symlinkSync(builtFile(path.replace('dist/', '')), link);
      expect(readFileSync(link, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
      helps.set(name, execFileSync(process.execPath, [link, '--help'], { encoding: 'utf8' }));
    }
    rmSync(folder, { recursive: true });
    const helpOf = async (command: string) => (await runCli([command, '--help'])).stdout;
    expect([...helps.keys()].sort()).toEqual([
      'barwright',
      'daily-refresh',
      'run-all-bar-builders',
      'run-all-ema-refreshes',
      'run-daily-refresh',
    ]);
    expect(helps.get('daily-refresh')).toBe(await helpOf('refresh'));
    expect(helps.get('run-daily-refresh')).toBe(await helpOf('refresh'));
    expect(helps.get('run-all-bar-builders')).toBe(await helpOf('bars'));
    expect(helps.get('run-all-ema-refreshes')).toBe(await helpOf('emas'));
  });

  test('have the options and help texts of the contract', async () => {
    const contract: [option: string, text: string][] = [
      ['--ids <ids>', 'Comma-separated IDs or "all" (default: "all")'],
      ['--db-url <url>', 'Database URL (default: from config/env)'],
      ['--dry-run', 'Show what would execute'],
      ['--verbose', 'Show detailed output'],
      ['--continue-on-error', 'Continue on failures'],
    ];
    const ofRefresh: typeof contract = [
      ['--bars', 'Run bar builders only'],
      ['--emas', 'Run EMA refreshers only'],
      ['--all', 'Run bars then EMAs (full refresh)'],
      ['--skip-stale-check', 'Skip bar freshness check for EMAs'],
      ['--staleness-hours <hours>', 'Max hours for bar freshness (default: 48)'],
    ];
    const ofComponent = ['--only <names>', '--full-rebuild', '-n, --num-processes <count>'];
    for (const command of ['refresh', 'bars', 'emas']) {
      const { stdout } = await runCli([command, '--help']);
      for (const [option, text] of command === 'refresh' ? [...contract, ...ofRefresh] : contract)
        expect(stdout.replaceAll(/ {2,}/g, '  ')).toContain(`\n  ${option}  ${text}\n`);
      if (command !== 'refresh') for (const option of ofComponent) expect(stdout).toContain(`\n  ${option} `);
    }
  });

  test('printCombinedSummary takes pairs of name and ComponentResult', () => {
    type Fields = 'component' | 'success' | 'durationSec' | 'returnCode' | 'ok' | 'failed' | 'skipped';
    expectTypeOf<
      Pick<ComponentResult, Fields | 'errorMessage' | 'rowsNeeded' | 'rowsWritten'>
    >().toEqualTypeOf<{
      component: string;
      success: boolean;
      durationSec: number;
      returnCode: number | null;
      errorMessage?: string;
      ok: number;
      failed: number;
      skipped: number;
      rowsNeeded: number;
      rowsWritten: number;
    }>();
    const counts = { ok: 3, failed: 0, skipped: 0, rowsNeeded: 12, rowsWritten: 12, durationSec: 1.5 };
    const bars = { component: 'bars', success: true, returnCode: 0, ...counts };
    const emas = { ...bars, component: 'emas', success: false, returnCode: 1, errorMessage: 'it died' };
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    daily.printCombinedSummary([
      ['bars', bars],
      ['emas', emas],
    ]);
    const [text] = print.mock.calls[0] ?? [];
    print.mockRestore();
    expect(text).toContain(SUMMARY);
    expect(text).toMatch(/\[OK\] bars: 3 ok, 0 failed, 0 skipped\n.*rows needed 12, written 12/);
    expect(text).toMatch(/\[FAILED\] emas: .*\n.*\n.*it died\n/);
    expect(text).toMatch(/Total time: 3\.00 s\nOverall: FAILED$/);
  });
});

test('.planning has the summary that is part of the order', () => {
  const path = join(ROOT, '.planning/phases/23-reliable-incremental-refresh/23-02-SUMMARY.md');
  expect(existsSync(path)).toBe(true);
  const text = readFileSync(path, 'utf8');
  for (const word of ['run-daily-refresh', 'refresh-utils', 'contract.test.ts']) expect(text).toContain(word);
});
