/** Indicators of the user's own, named in barwright.config.json: added, computed, verified and changed as all others are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as Library from '../../src/index.js';
import { builtFile } from '../support/cli.js';
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
  warehouse = await createWarehouse({}, [{ ids: IDS, days: 90, endsDaysAgo: 3 }]);
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
  await writePrices(warehouse.database, { ids: IDS, days: 1, endsDaysAgo: 2 });
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

describe('a file that cannot be used', () => {
  const HELD =
    /my_own cannot be computed, so the indicators stay as they are: .*own\.mjs cannot be used: Unexpected/;
  let before: unknown[];
  let shown: unknown[];
  const stored = () =>
    warehouse.query(
      'select id, alignment, tf, bar_seq, value from indicator_points order by id, alignment, tf, bar_seq',
    );

  beforeAll(async () => {
    before = await stored();
    shown = await rowsOf('my_own');
    write('own.mjs', 'export const indicator = {');
    await writePrices(warehouse.database, { ids: IDS, days: 1 });
  });

  test.each([
    ['a run', ['refresh', '--all']],
    ['one of indicators alone', ['indicators']],
    ['one of indicators from the first day', ['indicators', '--full-rebuild']],
  ])('%s names it as failed, and deletes nothing of what is stored', async (_what, args) => {
    const broken = await report(args);
    expect(broken.exitCode).toBe(1);
    for (const id of IDS) expect(reasonOf(broken, 'indicators', id)).toMatch(HELD);
    expect(broken.components.find(({ component }) => component === 'indicators')?.outcomes).toEqual(
      IDS.map((id) => expect.objectContaining({ id, status: 'failed' })),
    );
    expect(await stored()).toEqual(before);
    expect(await rowsOf('my_own')).toEqual(shown);
  });

  test('nor does one of everything from the first day: until it is repaired the views show nothing', async () => {
    expect((await report(['refresh', '--all', '--full-rebuild'])).exitCode).toBe(1);
    expect(await stored()).toEqual(before);
    expect(await rowsOf('my_own')).toEqual([]);
  });

  test('what reads says so: plan, explain, verify, doctor', async () => {
    const plan = await expectExit(0, run(['plan']));
    expect(plan.stdout).toMatch(/\nindicators: 2 fail\n/);
    expect((await expectExit(0, run(['explain', '1']))).stdout).toMatch(HELD);
    const verified = await expectExit(0, run(['verify']));
    expect(verified.stdout).toMatch(
      /indicators of multi_tf were not compared: they wait for my_own: .*own\.mjs cannot be used/,
    );
    const { stdout } = await expectExit(1, run(['doctor']));
    expect(stdout).toMatch(/\[OK\] indicator files: .*my-rsi\.mjs defines "my_rsi"\n/);
    expect(stdout).toMatch(
      /\[FAILED\] indicator files: .*own\.mjs cannot be used: Unexpected.*; repair it, or take it out of "indicators" in barwright\.config\.json\n/,
    );
    expect(stdout).toMatch(/\[FAILED\] indicators: my_own is active and cannot be computed: .*own\.mjs/);
    const added = await expectExit(2, run(['indicator', 'add', 'my_own']));
    expect(added.stdout).toMatch(/^indicator "my_own": .*own\.mjs cannot be used: Unexpected/);
  });

  test('an asset without values of it is computed without it, with a warning', async () => {
    await writePrices(warehouse.database, { ids: [9], days: 40 });
    const { exitCode, warnings } = await report(['refresh', '--all']);
    expect(exitCode).toBe(1);
    expect(warnings).toContainEqual(
      expect.stringMatching(/^indicators: my_own is left out: .*own\.mjs cannot be used: Unexpected/),
    );
    expect(await stored()).not.toEqual(before);
    expect((await rowsOf('my_own')).filter(([id]) => id === 9)).toEqual([]);
    expect((await rowsOf('my_rsi_14')).filter(([id]) => id === 9).length).toBeGreaterThan(20);
  });

  test('when it can be used again, everything is made up for', async () => {
    write('own.mjs', moduleText('return bars.close[0];'));
    const { exitCode, warnings } = await report(['refresh', '--all']);
    expect([exitCode, warnings]).toEqual([0, []]);
    const days = await warehouse.query(
      `select id, max(day)::text = (current_date - 1)::text from indicators where name = 'my_own' group by id order by id`,
    );
    expect(days).toEqual([1, 6, 9].map((id) => [id, true]));
    await expectExit(0, run(['verify']));
    expect((await expectExit(0, run(['doctor']))).stdout).toMatch(
      /\[OK\] indicator files: .*own\.mjs defines "my_own"\n(.*\n)*\[OK\] indicators: active and known: 3\n/,
    );
  });

  test('one that is taken out of the list goes, broken or not', async () => {
    write('own.mjs', 'export const indicator = {');
    await expectExit(0, run(['indicator', 'remove', 'my_own']));
    expect(await report(['refresh', '--all'])).toMatchObject({ exitCode: 0, warnings: [] });
    expect(await rowsOf('my_own')).toEqual([]);
    write('own.mjs', moduleText('return bars.close[0];'));
    await expectExit(0, run(['indicator', 'add', 'my_own']));
    await expectExit(0, run(['refresh', '--all']));
  });
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

test('the library takes the files as an option, for one refresh', async () => {
  const { planRefresh, refreshDaily }: typeof Library = await import(builtFile('index.js'));
  const indicatorFiles = [join(cwd, 'my-rsi.mjs'), join(cwd, 'own.mjs')];
  const request = { bars: true, emas: true, dbUrl: warehouse.url };
  await expect(planRefresh(request)).rejects.toThrow('there is no indicator "my_');
  const plan = await planRefresh({ ...request, indicatorFiles });
  expect(plan.filter(({ component }) => component === 'indicators')).toHaveLength(3);
  await writePrices(warehouse.database, { ids: [12], days: 30 });
  const { exitCode, error } = await refreshDaily({ ...request, indicatorFiles });
  expect([exitCode, error]).toEqual([0, null]);
  expect((await rowsOf('my_rsi_14')).filter(([id]) => id === 12).length).toBeGreaterThan(10);
  await expect(planRefresh(request)).rejects.toThrow('there is no indicator "my_');
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
