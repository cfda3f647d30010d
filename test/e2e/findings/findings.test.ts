/** Days that are not plausible: stored, named once, shown everywhere, accepted or corrected. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createWarehouse, expectExit, type Warehouse } from '../../support/warehouse.js';

const DAY_MS = 86_400_000;
let folder: string;
let warehouse: Warehouse;
/** Yesterday: the newest day that is over. */
let last: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-findings-'));
  warehouse = await createWarehouse();
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  for (const id of [5, 6]) {
    // Of an asset that is not there a usage error is right.
    const { code, stdout } = await warehouse.run(['asset', 'purge', String(id), '--yes']);
    expect([0, 2], stdout).toContain(code);
  }
  last = Math.floor(Date.now() / DAY_MS) - 1;
});

const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** One day of an asset whose price moves by some percent a day. */
async function store(id: number, day: number, close: number, volume = 5000): Promise<void> {
  await warehouse.execute(
    `insert into cmc_price_histories7 (id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume)
     values ($1, $2::date + time '23:59:59.999', $2::date, $2::date + time '23:59:59.999', $2::date + time '05:00',
       $2::date + time '07:00', $3, $3::float8 * 1.1, $3::float8 * 0.95, $3, $4)
     on conflict (id, timestamp) do update set open = excluded.open, high = excluded.high, low = excluded.low,
       close = excluded.close, volume = excluded.volume`,
    [id, dateOf(day), close, volume],
  );
}

/** Closes of the days up to `until`, whose volumes differ. */
async function storeCloses(id: number, until: number, closes: readonly number[]): Promise<void> {
  for (const [index, close] of closes.entries())
    await store(id, until - closes.length + 1 + index, close, 5000 + index);
}

const findings = () =>
  warehouse.query<[number, string, string, number]>(
    'select id, day::text, kind, factor from price_finding order by id, day, kind',
  );

const refresh = (...flags: string[]) => warehouse.report(['refresh', '--bars', ...flags]);

test('the same day of many assets is one cause, with the command that lists them', async () => {
  const ids = [5, 6, 7, 8];
  for (const id of ids) await storeCloses(id, last, [0.011, 11]);
  const { report } = await refresh();
  expect(report.causes.filter(({ kind }) => kind === 'finding')).toMatchObject([
    {
      ids,
      sentence: `ID 5 ${dateOf(last)}: close is 1,000 times that of the day before; and the like on that day in 3 more assets`,
      command: 'barwright asset findings',
      alertParts: ids.map((id) => ({ ids: [id] })),
    },
  ]);
  for (const id of [7, 8]) await expectExit(0, warehouse.run(['asset', 'purge', String(id), '--yes']));
});

test('--quiet: the run that finds a jump prints it, the next one is silent', async () => {
  await storeCloses(5, last, [0.011, 11]);
  const args = ['refresh', '--bars', '--quiet'];
  const { stdout } = await expectExit(0, warehouse.run(args));
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    `${dateOf(last)}: close is 1,000 times that of the day before`,
  );
  expect(await expectExit(0, warehouse.run(args))).toMatchObject({ stdout: '', stderr: '' });
});

test('a jump is stored and named once: asset, day, factor; --strict ends with 3', async () => {
  await storeCloses(5, last, [0.011, 11]);
  const { code, report, stderr } = await refresh('--strict');
  expect(code).toBe(3);
  const words = `${dateOf(last)}: close is 1,000 times that of the day before`;
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(words);
  expect(report.causes).toMatchObject([{ kind: 'finding', ids: [5], sentence: words, severity: 'warning' }]);
  expect(report.verdict).toContain('--strict');
  expect(await warehouse.query('select count(*) from cmc_price_bars_1d where id = 5')).toEqual([[2]]);
  const again = await refresh('--strict');
  expect([again.code, again.report.causes]).toEqual([0, []]);
});

test('it is shown by explain, in the metrics and in the list, until somebody accepts it', async () => {
  await storeCloses(5, last, [1, 9, 1.1, 9]);
  await expectExit(0, warehouse.run(['refresh', '--bars']));
  const explained = await expectExit(0, warehouse.run(['explain', '5']));
  expect(explained.stdout).toMatch(
    new RegExp(`finding +${dateOf(last)}: close is 8\\.18 times .*\\n.*finding`),
  );
  expect(explained.stdout).toContain(`barwright asset accept 5 --day ${dateOf(last)}`);
  const metrics = join(folder, 'metrics.prom');
  await expectExit(0, warehouse.run(['refresh', '--bars', '--metrics-file', metrics]));
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(metrics, 'utf8')).toMatch(
    new RegExp(`barwright_finding_factor\\{id="5",day="${dateOf(last)}",kind="jump",.*\\} 8\\.18`),
  );
  const list = await expectExit(0, warehouse.run(['asset', 'findings', '5']));
  expect(list.stdout).toContain('3 findings that are not accepted');
  const wrong = await expectExit(2, warehouse.run(['asset', 'accept', '5', '--day', dateOf(last - 9)]));
  expect(wrong.stdout).toMatch(
    new RegExp(`no open finding on ${dateOf(last - 9)}; it has some on ${dateOf(last)}`),
  );
  await expectExit(2, warehouse.run(['asset', 'accept', '5']));
  const accepted = await expectExit(0, warehouse.run(['asset', 'accept', '5', '--day', dateOf(last)]));
  expect(accepted.stdout).toContain(`[OK] accepted: ID 5 ${dateOf(last)}: close is`);
  const before = await expectExit(0, warehouse.run(['asset', 'accept', '5', '--before', dateOf(last)]));
  expect(before.stdout.match(/accepted/g)).toHaveLength(2);
  expect((await expectExit(0, warehouse.run(['asset', 'findings']))).stdout).toBe(
    '0 findings that are not accepted\n',
  );
  expect((await warehouse.run(['explain', '5'])).stdout).not.toContain('finding');
});

test('a correction takes a finding away; another wrong value is a new finding', async () => {
  await storeCloses(5, last, [1, 1.1, 90]);
  await refresh();
  await expectExit(0, warehouse.run(['asset', 'accept', '5', '--day', dateOf(last)]));
  await store(5, last, 95);
  const wrong = await refresh();
  expect(wrong.report.causes).toMatchObject([
    { kind: 'finding', sentence: expect.stringMatching(/86\.36 times/) },
  ]);
  await store(5, last, 1.2);
  expect((await refresh()).report.causes).toEqual([]);
  expect(await findings()).toEqual([]);
});

test('days appended one by one are found as days at once, and a repair or a rebuild finds the same', async () => {
  const closes = [10, 11, 35, 10.5, 11, 100, 99, 98, 1, 1.1, 1.2, 1.3];
  for (let count = 1; count <= closes.length; count += 1) {
    await storeCloses(5, last - closes.length + count, closes.slice(0, count));
    await refresh();
  }
  await storeCloses(6, last, closes);
  await refresh();
  const appended = await findings();
  const of = (id: number) => appended.filter(([each]) => each === id).map(([, ...rest]) => rest);
  expect(of(5).map(([, kind]) => kind)).toEqual(['spike', 'jump', 'jump']);
  expect(of(6)).toEqual(of(5));
  await store(5, last - 6, 100.5);
  await store(6, last - 6, 100.5);
  await refresh();
  await refresh('--full-rebuild', '--ids', '6');
  const repaired = await findings();
  expect(repaired.filter(([id]) => id === 5).map(([, ...rest]) => rest)).toEqual(
    repaired.filter(([id]) => id === 6).map(([, ...rest]) => rest),
  );
});

test('a recorded split is no jump; without its record it is one', async () => {
  await storeCloses(5, last, [400, 404, 40, 41]);
  expect((await refresh()).report.causes).toMatchObject([{ kind: 'finding' }]);
  await expectExit(0, warehouse.run(['asset', 'split', '5', '--on', dateOf(last - 1), '--ratio', '10:1']));
  expect((await refresh()).report.causes).toEqual([]);
  expect(await findings()).toEqual([]);
  // The source had adjusted its prices already: then the record makes the jump.
  await storeCloses(5, last, [40, 40.4, 40, 41]);
  expect((await refresh()).report.causes).toMatchObject([
    { sentence: expect.stringContaining('close is 9.9') },
  ]);
});

test('findings of days long past are counted at a first load and after an upgrade, and not alerted', async () => {
  await storeCloses(5, last - 40, [1, 9, 1, 9, 1, 9]);
  const { report, stderr } = await refresh();
  expect(report.causes).toMatchObject([
    { kind: 'old_findings', sentence: expect.stringMatching(/^5 days long past/) },
  ]);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
    `ID 5 ${dateOf(last - 40)}: close is 9 times that of the day before`,
  );
  expect((await refresh()).report.causes).toEqual([]);
  // A warehouse of before: its bars are there, and nothing was judged.
  await warehouse.execute('delete from price_finding');
  await warehouse.execute('update cmc_price_bars_1d_state set plausible_seq = null');
  await storeCloses(5, last, [1, 9]);
  const upgraded = await refresh();
  expect(upgraded.report.causes.map(({ kind }) => kind)).toEqual(['finding', 'finding', 'old_findings']);
  // A correction of long ago is news.
  await store(5, last - 44, 99);
  const corrected = await refresh();
  expect(corrected.report.causes.map(({ kind }) => kind)).toEqual(['finding', 'finding']);
});

test('many at once: twenty are named, the rest counted; an asset that is gone leaves none', async () => {
  await storeCloses(
    5,
    last,
    Array.from({ length: 26 }, (_, index) => (index % 2 === 0 ? 1 : 9)),
  );
  const { report } = await refresh();
  expect(report.causes).toHaveLength(21);
  expect(report.causes.at(-1)?.sentence).toMatch(
    /^5 more days are not plausible: "barwright asset findings"/,
  );
  await expectExit(0, warehouse.run(['asset', 'purge', '5', '--yes']));
  expect(await findings()).toEqual([]);
});

test('the days of a file are named when it is loaded, and --strict ends with 3 there too', async () => {
  const path = join(folder, 'jump.csv');
  const lineOf = (day: number, price: number) => {
    const date = dateOf(day);
    return `${date}T00:00:00.000Z;${date}T23:59:59.999Z;;;2781;${price};${price};${price};${price};1000;2000;100;${date}T23:59:59.999Z`;
  };
  const header =
    'timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;circulatingSupply;timestamp';
  writeFileSync(path, `${[header, lineOf(last - 1, 0.011), lineOf(last, 11)].join('\n')}\n`);
  const words = `[WARNING] ID 5 ${dateOf(last)}: close is 1,000 times that of the day before`;
  const { stdout } = await expectExit(3, warehouse.run(['ingest', path, '--id', '5', '--strict']));
  expect(stdout).toContain(words);
  // Nothing has come in: nothing is said.
  const again = await expectExit(0, warehouse.run(['ingest', path, '--id', '5', '--strict']));
  expect(again.stdout).not.toContain('close is');
});
