/** Indicators of the user's own, named in barwright.config.json: added, computed, verified and changed as all others are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createModuleFolder, moduleText } from '../support/own-modules.js';
import { writePrices } from '../support/prices.js';
import { keepTimeframes } from '../support/verify.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../support/warehouse.js';
import { createQueuedWarehouse, startWorker } from '../support/workers.js';

const { cwd, write } = createModuleFolder('my-rsi.mjs', 'own.mjs');
const NOWHERE = createModuleFolder().cwd;
const IDS = [1, 6];
let warehouse: Warehouse;

beforeAll(async () => {
  write('my-rsi.mjs', readFileSync(join(import.meta.dirname, '../fixtures/indicators/my-rsi.mjs'), 'utf8'));
  write('own.mjs', moduleText('return bars.close[0] * 2;'));
  warehouse = await createWarehouse({}, [{ ids: IDS, days: 90, endsDaysAgo: 2 }]);
  await keepTimeframes(warehouse.database);
});
afterAll(async () => {
  await warehouse?.drop();
});

const run = (args: readonly string[], folder = cwd) => warehouse.run(args, { cwd: folder });
const report = async (args: readonly string[]) => (await warehouse.report(args, { cwd })).report;

/** Rows of every series of an output, without its name. */
const rowsOf = (name: string) =>
  warehouse.query(
    `select id, alignment::text, tf, day::text, value from indicators where name = $1 order by 1, 2, 3, 4`,
    [name],
  );

test('added by name, computed by a run, listed, and proven by verify', async () => {
  const { stdout } = await expectExit(0, run(['indicator', 'add', 'my_rsi_14', 'rsi_14', 'my_own']));
  expect(stdout).toContain('[OK] my_rsi_14 is active');
  await expectExit(0, run(['refresh', '--all']));
  const mine = await rowsOf('my_rsi_14');
  expect(mine.length).toBeGreaterThan(200);
  expect(mine).toEqual(await rowsOf('rsi_14'));
  const listed = await expectExit(0, run(['indicator', 'list']));
  expect(listed.stdout).toContain('my_rsi_14  active, values of 2 assets');
  await expectExit(0, run(['verify']));
});

test('a new day is appended, and damage is named and undone', async () => {
  await writePrices(warehouse.database, { ids: IDS, days: 1 });
  const appended = await report(['refresh', '--all']);
  expect(reasonOf(appended, 'indicators', 1)).toMatch(/append the days after/);
  expect(await rowsOf('my_rsi_14')).toEqual(await rowsOf('rsi_14'));
  await warehouse.execute(
    `update indicator_carry set state = set_byte(state, 16, 255 - get_byte(state, 16)) where id = 1`,
  );
  const { stdout } = await expectExit(1, run(['verify', '--ids', '1']));
  expect(stdout).toContain('indicator_carry');
  await expectExit(0, run(['state', 'rebuild', '--ids', '1']));
  await expectExit(0, run(['verify']));
});

test('a changed file is another version: the next run rebuilds its series, and says so', async () => {
  write('own.mjs', moduleText('return bars.close[0] * 3;'));
  const { stdout } = await expectExit(0, run(['plan']));
  expect(stdout).toContain('indicators changed: my_own has another version');
  const changed = await report(['refresh', '--all']);
  expect(reasonOf(changed, 'indicators', 6)).toContain('my_own has another version');
  const rows = await warehouse.query<[boolean]>(
    `select bool_and(i.value = b.close * 3) from indicators i
     join cmc_price_bars_1d b on b.id = i.id and b.timestamp::date = i.day
     where i.name = 'my_own' and i.tf = '1D'`,
  );
  expect(rows).toEqual([[true]]);
  const again = await report(['refresh', '--all']);
  expect(reasonOf(again, 'indicators', 6)).toContain('up to date');
});

test('a file that cannot be used costs its indicators in a run, by name, and nothing else', async () => {
  write('own.mjs', 'export const indicator = {');
  const broken = await report(['refresh', '--all']);
  expect(broken.exitCode).toBe(0);
  expect(broken.warnings).toEqual([
    expect.stringMatching(/^indicators: my_own is left out: .*own\.mjs cannot be used: Unexpected/),
  ]);
  expect(await rowsOf('my_own')).toEqual([]);
  expect((await rowsOf('my_rsi_14')).length).toBeGreaterThan(200);
  await expectExit(0, run(['verify']));
  const { stdout } = await expectExit(2, run(['indicator', 'add', 'my_own']));
  expect(stdout).toMatch(/^indicator "my_own": .*own\.mjs cannot be used: Unexpected/);
  write('own.mjs', moduleText('return bars.close[0];'));
  expect((await report(['refresh', '--all'])).warnings).toEqual([]);
  expect((await rowsOf('my_own')).length).toBeGreaterThan(200);
});

test('what it throws is a warning of the run', async () => {
  write('own.mjs', moduleText(`if (bars.close[0] > 400) throw new Error('too dear'); return 1;`));
  const { exitCode, warnings } = await report(['refresh', '--all']);
  expect(exitCode).toBe(0);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^indicators: my_own has no values from some bar on in \d+ series of 1 asset, .*: too dear$/,
    ),
  ]);
});

test('without the file the name is not known, and the sentence says what there is', async () => {
  const { stdout } = await expectExit(2, run(['indicator', 'add', 'my_rsi_14'], NOWHERE));
  expect(stdout).toContain('there is no indicator "my_rsi_14"');
});

test('workers compute them by their own files, and refuse where these are other ones', async () => {
  const shared = await createQueuedWarehouse();
  try {
    await keepTimeframes(shared.database);
    await writePrices(shared.database, { ids: IDS, days: 60 });
    await expectExit(0, shared.run(['indicator', 'add', 'my_rsi_14'], { cwd }));
    const stranger = startWorker(shared.urls.runner, [], NOWHERE);
    const refused = await shared.report(['refresh', '--all', '--distribute'], { cwd });
    expect(refused.code).toBe(1);
    expect(JSON.stringify(refused.report.components)).toContain(
      'are not the same here as where the run was started',
    );
    await stranger.stop();
    const worker = startWorker(shared.urls.runner, [], cwd);
    await expectExit(0, shared.run(['refresh', '--all', '--distribute'], { cwd }));
    await worker.stop();
    const [row] = await shared.query<[number]>(
      `select count(*)::int from indicators where name = 'my_rsi_14'`,
    );
    expect(row?.[0]).toBeGreaterThan(100);
  } finally {
    await shared.drop();
  }
});
