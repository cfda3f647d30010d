/** barwright.config.json: what it may say, what wins over it, and how a mistake in it is reported. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Check } from '../../src/orchestration/inspect/doctor.js';
import { runCli } from '../support/cli.js';
import { createDesk, type Desk } from '../support/desk.js';
import { createWarehouse, expectDays, expectExit, type Warehouse } from '../support/warehouse.js';

const NAME = 'barwright.config.json';
let warehouse: Warehouse;
let desk: Desk;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 20, endsDaysAgo: 4 }]);
  await expectDays(warehouse);
});
afterAll(() => warehouse?.drop());
beforeEach(() => {
  desk = createDesk({ TARGET_DB_URL: warehouse.urls.runner });
});
afterEach(() => desk.clear());

function writeConfig(config: unknown, folder = desk.folder): string {
  const path = join(folder, NAME);
  writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  return path;
}

/** doctor's lines about settings. */
async function listSettings(
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<string[]> {
  const { stdout } = await desk.run(['doctor', '--json', ...args], { env });
  const { checks } = JSON.parse(stdout) as { checks: Check[] };
  return checks.filter(({ name }) => name === 'setting').map(({ message }) => message);
}

describe('what wins', () => {
  test('the command line over the environment over the file over the default, and doctor says which', async () => {
    expect(await listSettings()).toContain('schema: public (default)');
    const path = writeConfig({ schema: 'from_file', source: 'public.of_file' });
    expect(await listSettings()).toEqual(
      expect.arrayContaining([
        `schema: from_file (${path})`,
        `source: public.of_file (${path})`,
        `schema: "from_file" (${path})`,
      ]),
    );
    const env = { BARWRIGHT_SCHEMA: 'from_env' };
    const settings = await listSettings([], env);
    expect(settings).toContain('schema: from_env (BARWRIGHT_SCHEMA)');
    expect(settings).toContain(`schema: "from_file" (${path}, but BARWRIGHT_SCHEMA is set and wins)`);
    expect(await listSettings(['--schema', 'typed'], env)).toContain('schema: typed (--schema)');
  });

  test('a variable that is no option of its own wins too: the data dir', async () => {
    const path = writeConfig({ dataDir: join(desk.folder, 'pg') });
    expect(await listSettings()).toContain(`data dir: ${join(desk.folder, 'pg')} (${path})`);
    expect(await listSettings([], { BARWRIGHT_DATA_DIR: join(desk.folder, 'other') })).toContain(
      `data dir: ${join(desk.folder, 'other')} (BARWRIGHT_DATA_DIR)`,
    );
  });

  test('what is said for a command wins over what is said for all, and false takes a flag back', async () => {
    const status = async (config: unknown, ...args: string[]) => {
      writeConfig(config);
      const { stdout } = await expectExit(0, desk.run(['status', '--json', ...args]));
      return JSON.parse(stdout).assets[0].verdict as string;
    };
    await expectExit(0, warehouse.run(['refresh', '--bars', '--quiet', '--allow-late', '--no-log-file']));
    expect(await status({})).toMatch(/^stale/);
    expect(await status({ stalenessHours: 200 })).toMatch(/^fresh/);
    expect(await status({ stalenessHours: 200, status: { stalenessHours: 1 } })).toMatch(/^stale/);
    expect(await status({ stalenessHours: 200 }, '--staleness-hours', '1')).toMatch(/^stale/);
    expect(await status({ status: { stalenessHours: 200 }, refresh: { stalenessHours: 1 } })).toMatch(
      /^fresh/,
    );
    writeConfig({ quiet: true, logFile: false, allowLate: true, refresh: { quiet: false } });
    const { stdout } = await expectExit(0, desk.run(['refresh', '--all']));
    expect(stdout).toContain('DAILY REFRESH SUMMARY');
    expect(desk.listLogs()).toEqual([]);
    writeConfig({ quiet: true, allowLate: true, refresh: { logFile: 'mine.log' } });
    expect((await expectExit(0, desk.run(['refresh', '--all']))).stdout).toBe('');
    expect(desk.readLog('mine.log').length).toBeGreaterThan(1);
  });

  test('of a time that was typed and a pattern of the file, what was typed', async () => {
    writeConfig({ schedule: { cron: '* * * * *' } });
    const { stdout } = await expectExit(2, desk.run(['schedule', '--at', '25:00']));
    expect(stdout).toMatch(/^--at expects times of the day/);
  });

  test('the nearest file counts, alone; five folders above are looked into', async () => {
    const path = writeConfig({ schema: 'above' });
    const below = join(desk.folder, 'a/b/c/d/e');
    mkdirSync(below, { recursive: true });
    const look = async (cwd: string) => {
      const { stdout } = await runCli(['doctor', '--json'], { cwd });
      return (JSON.parse(stdout) as { checks: Check[] }).checks.map(({ message }) => message);
    };
    expect(await look(below)).toContain(`schema: above (${path})`);
    const near = writeConfig({ source: 'public.near' }, join(desk.folder, 'a'));
    const found = await look(below);
    expect(found).toContain('schema: public (default)');
    expect(found).toContain(`source: public.near (${near})`);
    mkdirSync(join(below, 'f'));
    writeFileSync(near, '{}');
    expect(await look(join(below, 'f'))).toContain('schema: public (default)');
  });

  test('the processes of a run get everything from their parent', async () => {
    // A child that read it would work in another schema, or would judge twice.
    writeConfig({
      refresh: { validate: true },
      bars: { schema: 'elsewhere' },
      emas: { schema: 'elsewhere' },
    });
    const { stdout } = await expectExit(0, desk.run(['refresh', '--all', '--full-rebuild', '--allow-late']));
    expect(stdout.match(/validation: /g)).toHaveLength(1);
    expect(stdout).toContain('[OK] bars: 1 ok');
  });
});

describe('mistakes are one sentence with the place, exit 2, and nothing is started', () => {
  test.each([
    [
      '{ "stalenesHours": 3 }',
      `line 1, "stalenesHours": there is no setting of this name; did you mean "stalenessHours"?`,
    ],
    [
      '{\n  "refresh": {\n    "staleness-hours": 3\n  }\n}',
      `line 3, "refresh.staleness-hours": there is no setting of this name; did you mean "stalenessHours"?`,
    ],
    ['{\n "refersh": {} }', `line 2, "refersh": there is no setting of this name; did you mean "refresh"?`],
    [
      '{ "colour": "red" }',
      `line 1, "colour": there is no setting of this name; docs/reference/config.md has the list`,
    ],
    [
      '{ "dbUrl": "postgresql://u:pw@h/d" }',
      `line 1, "dbUrl": the database is named by db_config.env or TARGET_DB_URL, since more people may read this file`,
    ],
    [
      '{ "stalenessHours": "72" }',
      `line 1, "stalenessHours": Invalid input: expected number, received string, found "72"`,
    ],
    [
      '{ "refresh": { "numProcesses": 0 } }',
      `line 1, "refresh.numProcesses": Too small: expected number to be >=1, found 0`,
    ],
    [`{ "schema": "${'x'.repeat(70)}" }`, `"schema": `],
    ['{ "refresh": { "limit": 3 } }', `"refresh.limit": "refresh" has no such option`],
    ['{ "refresh": true }', `line 1, "refresh": an object with settings of "refresh" was expected`],
    ['[]', `: an object like {"stalenessHours": 72} was expected`],
    ['{ "quiet": true, }', ` is not JSON: `],
  ])('%s', async (text, words) => {
    const path = writeConfig(text);
    const { stdout, stderr } = await expectExit(2, desk.run(['refresh', '--all', '--dry-run']));
    expect(stderr).toBe('');
    expect(stdout.startsWith(path)).toBe(true);
    expect(stdout).toContain(words);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).not.toContain('u:pw');
  });

  test('a file that everybody may write to is not used', async () => {
    const path = writeConfig({ quiet: true });
    chmodSync(path, 0o666);
    const { stdout } = await expectExit(2, desk.run(['refresh', '--all']));
    expect(stdout).toMatch(/can be written by everybody, .*: run "chmod o-w .*"\n$/);
  });

  test('help is given all the same, and doctor says it among the rest', async () => {
    const path = writeConfig({ stalenesHours: 3 });
    for (const args of [['--help'], ['refresh', '--help'], ['--version'], ['completion', 'bash']])
      await expectExit(0, desk.run(args));
    const settings = await listSettings();
    expect(settings).toContain('schema: public (default)');
    expect(settings.find((line) => line.startsWith(path))).toContain('did you mean "stalenessHours"?');
    await expectExit(1, desk.run(['doctor']));
  });
});

test('the schema for editors knows every setting, for all and for each command that has it, and nothing else', () => {
  const schema = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../barwright.config.schema.json'), 'utf8'),
  );
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.refresh).toMatchObject({ type: 'object', additionalProperties: false });
  expect(Object.keys(schema.properties.refresh.properties)).toContain('stalenessHours');
  expect(Object.keys(schema.properties.refresh.properties)).not.toContain('limit');
  expect(Object.keys(schema.properties.runs.properties)).toContain('limit');
  for (const name of ['dbUrl', 'ids', 'yes', 'fullRebuild', 'acceptDeletions', 'dryRun', 'embedded'])
    expect(Object.keys(schema.properties)).not.toContain(name);
});
