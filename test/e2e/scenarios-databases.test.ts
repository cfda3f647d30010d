/** Scenarios 11 and 19 of refresh.md: which database is meant; and what `init` makes in it, or refuses to. */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CliOptions, IMPATIENT, runCli, unwrapped } from '../support/cli.js';
import { readContents, readEverything } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { createWarehouse, expectExit, type Warehouse, warehouseOf } from '../support/warehouse.js';

const UNREACHABLE = 'postgresql://nobody@127.0.0.1:1/nothing';
let folder: string;
let config: string;
/** What the file names, and what the environment names. */
let a: Warehouse;
let b: Warehouse;

beforeAll(async () => {
  a = await createWarehouse({}, [{ ids: [1], days: 30 }]);
  b = await createWarehouse({}, [{ ids: [2], days: 30 }]);
});
afterAll(async () => {
  await a?.drop();
  await b?.drop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-config-'));
  config = join(folder, 'db_config.env');
  return () => rmSync(folder, { recursive: true });
});

function writeConfig(text: string, path = config): void {
  writeFileSync(path, text, { mode: 0o600 });
}

/** Registers nothing and builds nothing, but says which database it asked. */
function ask(options: CliOptions = {}, args: readonly string[] = []) {
  return runCli(['refresh', '--bars', ...args], { cwd: folder, ...options });
}

const nameOf = (warehouse: Warehouse) => new URL(warehouse.url).pathname.slice(1);

test('scenario 11: --db-url B with a config file for A -> nothing in A changes', async () => {
  writeConfig(`TARGET_DB_URL=${a.url}\n`);
  const untouched = await readEverything(a.database);
  const env = { TARGET_DB_URL: a.url, MARKETDATA_DB_URL: a.url };
  const end = await ask({ env }, ['--emas', '--db-url', b.url, '-n', '2']);
  await expectExit(0, Promise.resolve(end));
  expect(end.stdout).toMatch(/\[INFO\] database: \S+ \(from --db-url\)/);
  expect(await readEverything(a.database)).toEqual(untouched);
  const contents = await readContents(b.database);
  expect(contents.cmc_price_bars_1d?.rows).toBe(30);
  expect(contents.ema_points?.rows).toBeGreaterThan(0);
});

describe('scenario 19: the config file', () => {
  test.each([
    ['plain', (url: string) => `TARGET_DB_URL=${url}\n`],
    ['with export and double quotes', (url: string) => `export TARGET_DB_URL="${url}"\n`],
    ['with single quotes and no line end', (url: string) => `TARGET_DB_URL='${url}'`],
    ['with comments and other keys', (url: string) => `# mine\n\nOTHER=1\nTARGET_DB_URL = ${url}  # here\n`],
    ['with BOM and CRLF', (url: string) => `\u{feff}OTHER=x\r\nexport TARGET_DB_URL="${url}"\r\n`],
    ["in SQLAlchemy's spelling", (url: string) => `TARGET_DB_URL=${url.replace('://', '+psycopg2://')}\n`],
    ['with two lines, of which the last wins', (url: string) => `TARGET_DB_URL=x\nTARGET_DB_URL=${url}\n`],
  ])('%s', async (_what, textOf) => {
    writeConfig(textOf(a.url));
    const { code, stdout } = await ask({ env: { TARGET_DB_URL: UNREACHABLE } });
    expect(code, stdout).toBe(0);
    expect(stdout).toContain(`/${nameOf(a)} (from db_config.env (${config}))\n`);
  });

  test('up to five folders up, the nearest first; the sixth is too far', async () => {
    writeConfig(`TARGET_DB_URL=${a.url}\n`);
    const deep = join(folder, '1/2/3/4/5');
    mkdirSync(join(deep, '6'), { recursive: true });
    expect((await ask({ cwd: deep })).stdout).toContain(`(from db_config.env (${config}))`);
    const tooFar = await ask({ cwd: join(deep, '6') });
    expect(tooFar.code).toBe(2);
    expect(tooFar.stdout).toMatch(/no database is named.*--db-url.*db_config\.env.*--embedded/);
    const nearer = join(folder, '1/2/db_config.env');
    writeConfig(`TARGET_DB_URL=${b.url}\n`, nearer);
    expect((await ask({ cwd: deep })).stdout).toContain(`/${nameOf(b)} (from db_config.env (${nearer}))`);
  });

  test('without the key: said, and the environment is next, TARGET_DB_URL before MARKETDATA_DB_URL', async () => {
    writeConfig('OTHER=1\n');
    const target = await ask({ env: { TARGET_DB_URL: b.url, MARKETDATA_DB_URL: UNREACHABLE } });
    expect(target.stdout).toContain(`[WARNING] ${config} has no TARGET_DB_URL\n`);
    expect(target.stdout).toContain(`/${nameOf(b)} (from TARGET_DB_URL)\n`);
    const market = await ask({ env: { MARKETDATA_DB_URL: b.url, TARGET_DB_URL: ' ' } });
    expect(market.stdout).toContain(`/${nameOf(b)} (from MARKETDATA_DB_URL)\n`);
  });

  test('a symbolic link is followed with a warning', async () => {
    writeConfig(`TARGET_DB_URL=${a.url}\n`);
    renameSync(config, join(folder, 'real.env'));
    symlinkSync(join(folder, 'real.env'), config);
    const { code, stdout } = await ask();
    expect(code).toBe(0);
    expect(stdout).toContain(`[WARNING] ${config} is a symbolic link\n`);
  });

  test('a refused file stops the run and never falls through to the next source', async () => {
    const env = { TARGET_DB_URL: b.url };
    const untouched = await readEverything(b.database);
    const refusals: [text: string, mode: number, why: RegExp][] = [
      [`TARGET_DB_URL=${a.url}\n`, 0o666, /can be written by everybody.*run "chmod o-w /],
      [`TARGET_DB_URL="${a.url}\n`, 0o600, /line 1: expected KEY=value, with a closed quote/],
      ['TARGET_DB_URL=\n', 0o600, /is empty: expected a URL/],
      ['TARGET_DB_URL=oracle://h/d\n', 0o600, /expected a URL like .*, found "oracle:\/\/…"/],
      ['what is this\n', 0o600, /line 1: expected KEY=value/],
    ];
    for (const [text, mode, why] of refusals) {
      writeConfig(text);
      chmodSync(config, mode);
      const { code, stdout } = await ask({ env });
      expect(code, stdout).toBe(2);
      expect(stdout).toMatch(why);
      expect(stdout).not.toContain('SUMMARY');
    }
    expect(await readEverything(b.database)).toEqual(untouched);
  });

  test('--embedded is never the default, and not together with --db-url', async () => {
    const nothing = await ask();
    expect(nothing.code).toBe(2);
    expect(nothing.stdout).toContain('no database is named');
    const both = await ask({}, ['--embedded', '--db-url', a.url]);
    expect(both.code).toBe(2);
    expect(both.stdout).toContain('--embedded and --db-url name two different databases');
  });
});

test('a database that does not answer: summary, the cause, exit 1', async () => {
  const { code, stdout } = await ask({ env: { TARGET_DB_URL: UNREACHABLE, ...IMPATIENT } }, ['--emas']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/\[FAILED\] bars: not run\n\[FAILED\] emas: not run\n/);
  const summary = stdout.slice(stdout.indexOf('SUMMARY'));
  expect(summary.match(/ECONNREFUSED/g)).toHaveLength(1);
  expect(stdout.match(/trying again/g)).toHaveLength(3);
  expect(unwrapped(stdout)).toMatch(
    /={70}\nOverall: FAILED \(exit 1\)\n\[FAILED\] .*ECONNREFUSED.* since this run; type: barwright doctor\n/,
  );
});

describe.each(SERVERS)('init on $server', ({ options }) => {
  let empty: Warehouse;

  beforeEach(async () => {
    empty = warehouseOf(await createEmptyDatabase(options));
    return () => empty.drop();
  });

  test('makes the schema once; before it, a run says which command to type', async () => {
    const before = await expectExit(1, empty.run(['refresh', '--all']));
    expect(before.stdout).toMatch(/schema "public" has no barwright tables: run "barwright init"/);
    expect((await expectExit(0, empty.run(['init']))).stdout).toMatch(/\[OK\] schema public: applied 001_/);
    const made = await readEverything(empty.database);
    expect((await expectExit(0, empty.run(['init']))).stdout).toBe('[OK] schema public is up to date\n');
    expect(await readEverything(empty.database)).toEqual(made);
  });

  test("refuses tables that are somebody else's, naming them and --schema, and changes nothing", async () => {
    await empty.execute('create table dim_assets (id int); create view cmc_price_bars_1d as select 1 as id');
    const untouched = await readEverything(empty.database);
    const { stdout } = await expectExit(1, empty.run(['init']));
    expect(stdout).toMatch(/view cmc_price_bars_1d, table dim_assets/);
    expect(stdout).toMatch(/--schema NAME/);
    expect(await readEverything(empty.database)).toEqual(untouched);
    const other = await expectExit(0, empty.run(['init', '--schema', 'Bars of mine']));
    expect(other.stdout).toMatch(/\[OK\] schema Bars of mine: applied 001_/);
    // No asset is active there: a run says so.
    await expectExit(3, empty.run(['refresh', '--all', '--schema', 'Bars of mine']));
    expect(await readEverything(empty.database)).toEqual(untouched);
  });

  test("reads a user's own cmc_price_histories7 and does not alter it", async () => {
    await empty.execute(
      `create table cmc_price_histories7 (id bigint, timestamp timestamptz, timeopen timestamptz,
         timeclose timestamptz, timehigh timestamptz, timelow timestamptz, open numeric, high numeric, low numeric,
         close numeric, volume numeric, marketcap numeric)`,
    );
    await expectExit(0, empty.run(['init']));
    const triggers = await empty.query(
      `select tgname from pg_trigger where tgrelid = 'cmc_price_histories7'::regclass`,
    );
    expect(triggers).toEqual([]);
    const { stdout } = await expectExit(3, empty.run(['refresh', '--all']));
    expect(stdout).toContain('[OK] bars: 0 ok, 0 failed, 0 skipped');
  });

  test('a schema that is newer than the program stops a run before any write', async () => {
    await expectExit(0, empty.run(['init']));
    await empty.execute(
      `insert into barwright_migration (number, name, checksum) values (999, '999_tomorrow', 'x')`,
    );
    const untouched = await readEverything(empty.database);
    for (const command of [['refresh', '--all'], ['migrate'], ['status']]) {
      const { stdout, stderr } = await expectExit(1, empty.run(command));
      expect(stdout + stderr).toMatch(/schema "public" is newer than this barwright, .*999_tomorrow/);
    }
    expect(await readEverything(empty.database)).toEqual(untouched);
  });
});
