/** Scenario 12 of refresh.md: a canary password appears nowhere but where it was put. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARY_WORD } from '../support/canary.js';
import { type CliEnd, type CliOptions, IMPATIENT, runCli } from '../support/cli.js';
import { watchArguments } from '../support/processes.js';
import { createWarehouse, type Warehouse } from '../support/warehouse.js';

/** Its middle survives every encoding, so that one word finds all spellings. */
const WORD = `xq7canary${process.pid}z`;
const CANARY = `ca:na/ry@pass word#${WORD}%`;
const ENCODED = encodeURIComponent(CANARY);

let warehouse: Warehouse;
let folder: string;
let role: string;
/** The warehouse's URL with the canary as password. */
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-canary-'));
  warehouse = await createWarehouse({}, [{ ids: [1, 52], days: 40 }]);
  role = `canary_${process.pid}`;
  await warehouse.execute(`create role ${role} superuser login password '${CANARY}'`);
  const place = new URL(warehouse.url);
  url = `postgresql://${role}:${ENCODED}@${place.host}${place.pathname}`;
});
afterAll(async () => {
  await warehouse.execute(`drop role ${role}`);
  await warehouse.drop();
  rmSync(folder, { recursive: true });
});

function expectSecret({ stdout, stderr }: CliEnd): void {
  expect(stdout + stderr).not.toContain(WORD);
}

/** Runs the program while every process of the machine is looked at. */
async function runWatched(args: readonly string[], options: CliOptions) {
  const watch = watchArguments(WORD);
  const end = await runCli(args, options);
  watch.stop();
  return { end, seen: [...watch.seen] };
}

async function listTablesWithCanary(): Promise<string[]> {
  const tables = await warehouse.query<[string]>(
    `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  );
  const found: string[] = [];
  for (const [table] of tables) {
    const rows = await warehouse.query<[number]>(
      `select count(*) from ${table} t where t::text like '%${WORD}%'`,
    );
    if (rows[0]?.[0] !== 0) found.push(table);
  }
  return found;
}

test('the rule over all tests: a process that says the canary of the test databases is noticed', async () => {
  const saying = runCli(['explain', CANARY_WORD], { env: { TARGET_DB_URL: warehouse.urls.runner } });
  await expect(saying).rejects.toThrow('a password was said by barwright explain');
});

describe('scenario 12: where it works', () => {
  test('in the environment: no output, no table, no argument list, in any process', async () => {
    const options = { env: { TARGET_DB_URL: url } };
    for (const args of [
      ['refresh', '--all', '--verbose', '-n', '2'],
      ['refresh', '--all', '--full-rebuild', '--json'],
      ['refresh', '--all', '--dry-run'],
      ['status', '--json'],
    ]) {
      const { end, seen } = await runWatched(args, options);
      expect(end.code, end.stdout + end.stderr).toBe(0);
      expectSecret(end);
      expect(seen).toEqual([]);
    }
    expect(await listTablesWithCanary()).toEqual([]);
  });

  test('in db_config.env', async () => {
    writeFileSync(join(folder, 'db_config.env'), `export TARGET_DB_URL="${url}"\n`, { mode: 0o600 });
    const { end, seen } = await runWatched(['refresh', '--all'], { cwd: folder });
    rmSync(join(folder, 'db_config.env'));
    expect(end.code).toBe(0);
    expect(end.stdout).toMatch(/database: postgresql:\/\/canary_\d+:\*\*\*@.* \(from db_config\.env/);
    expectSecret(end);
    expect(seen).toEqual([]);
  });

  test.each(['cli/bin.js', 'scripts/run-daily-refresh.js', 'scripts/run-all-bar-builders.js'] as const)(
    'typed as --db-url of %s: warned about, and gone from the argument list before the program speaks',
    async (script) => {
      await warehouse.execute('truncate cmc_price_bars_1d_state');
      const target =
        script === 'cli/bin.js' ? ['refresh', '--all'] : script.includes('daily') ? ['--all'] : [];
      const seenAfterwards = new Set<string>();
      let watch: ReturnType<typeof watchArguments> | null = null;
      const end = await runCli([...target, '--db-url', url], {
        script,
        onStdout: () => {
          watch ??= watchArguments(WORD);
        },
      });
      const { seen, stop } = watch ?? watchArguments(WORD);
      stop();
      for (const words of seen) seenAfterwards.add(words);
      expect(end.code, end.stdout).toBe(0);
      expect(end.stdout).toMatch(/\[WARNING\] .*--db-url can be read by other users of this machine/);
      expectSecret(end);
      expect([...seenAfterwards]).toEqual([]);
      expect(await listTablesWithCanary()).toEqual([]);
    },
  );
});

describe('scenario 12: where it does not work', () => {
  const commands = [['refresh', '--all', '--json'], ['refresh', '--bars', '--dry-run'], ['status']];

  test.each([
    ['nothing answers', () => url.replace(/@[^/]+/, '@127.0.0.1:1')],
    ['the host is unknown', () => url.replace(/@[^/]+/, '@nowhere.invalid')],
    ['the database is unknown', () => url.replace(/[^/]+$/, 'no_such_database')],
    ['the password is wrong', () => url.replace(ENCODED, `${ENCODED}2`)],
    ['as a query parameter', () => `postgresql://127.0.0.1:1/d?user=u&password=${ENCODED}`],
    ['with the characters that should have been encoded', () => url.replace(ENCODED, CANARY)],
    ['of another kind of database', () => `mysql://root:${ENCODED}@127.0.0.1/d`],
    ['without a scheme', () => `root:${CANARY}@127.0.0.1/d`],
  ])('%s', async (_what, urlOf) => {
    const ends = await Promise.all(
      commands.map((args) => runCli(args, { env: { TARGET_DB_URL: urlOf(), ...IMPATIENT } })),
    );
    for (const end of ends) {
      expectSecret(end);
      expect(end.stdout + end.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    }
    expect(ends.map(({ code }) => code === 0)).toEqual([false, true, false]);
  });

  test.each([
    ['an option that does not exist', (secret: string) => [`--dburl=${secret}`]],
    ['a word too many', (secret: string) => [secret]],
    ['an id', (secret: string) => ['--ids', secret]],
    ['hours', (secret: string) => ['--staleness-hours', secret]],
    ['a source', (secret: string) => ['--source', secret]],
    ['two databases at once', (secret: string) => ['--embedded', '--db-url', secret]],
  ])('given as %s by mistake', async (_what, argsOf) => {
    const end = await runCli(['refresh', '--all', ...argsOf(url)], { env: { TARGET_DB_URL: url } });
    expect(end.code === 2 || end.code === 1).toBe(true);
    expectSecret(end);
  });

  test('in a db_config.env that cannot be read', async () => {
    for (const text of [
      `TARGET_DB_URL="${url}\n`,
      `${url}\n`,
      `TARGET_DB_URL=${url.replace(ENCODED, CANARY)}\n`,
    ]) {
      writeFileSync(join(folder, 'db_config.env'), text, { mode: 0o600 });
      const end = await runCli(['refresh', '--all'], { cwd: folder });
      expect(end.code).toBe(2);
      expect(end.stdout).toContain('db_config.env');
      expectSecret(end);
    }
    rmSync(join(folder, 'db_config.env'));
  });
});
