/** A source that loses its oldest days every night keeps their bars, says so once, and lets them go when a person says so. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../../support/warehouse.js';

const DAYS = 60;

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 52], days: DAYS, endsDaysAgo: 1 }]);
  await expectExit(0, warehouse.run(['refresh', '--all']));
});
afterAll(() => warehouse?.drop());

const loseOldest = (days: number, id = 52) =>
  warehouse.execute(
    `delete from cmc_price_histories7 where id = $1 and timestamp in (
       select timestamp from cmc_price_histories7 where id = $1 order by timestamp limit $2)`,
    [id, days],
  );
const countBars = async (id = 52) =>
  (await warehouse.query<[number]>('select count(*) from cmc_price_bars_1d where id = $1', [id]))[0]?.[0];
const doctor = async () => {
  const { stdout } = await expectExit(0, warehouse.run(['doctor', '--json']));
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; message: string }[] };
  return checks
    .filter(({ name }) => name === 'kept days')
    .map(({ status, message }) => `${status}: ${message}`);
};
const verify = () => expectExit(0, warehouse.run(['verify', '--source']));
const kept = (ids: string, days: string, why: string) =>
  new RegExp(`^ID ${ids}: ${days} \\(\\d{4}-\\d\\d-\\d\\d( to \\d{4}-\\d\\d-\\d\\d)?\\) ${why} are kept`);

test('the first night names it and keeps every bar', async () => {
  await loseOldest(3);
  const planned = await expectExit(0, warehouse.run(['plan', '--ids', '52']));
  expect(planned.stdout).toMatch(/keep 3 days \(\S+ to \S+\) before the source's first day/);
  const { code, report } = await warehouse.report(['refresh', '--all']);
  expect(code).toBe(0);
  const causes = report.causes.filter(({ kind }) => kind === 'days_kept');
  expect(causes).toMatchObject([{ ids: [52], severity: 'warning', command: 'barwright doctor' }]);
  expect(causes[0]?.sentence).toMatch(kept('52', '3 days', 'that the source has lost at its beginning'));
  expect(reasonOf(report, 'bars', 52)).toMatch(/keep 3 days/);
  expect(await countBars()).toBe(DAYS);
  await verify();
});

test('the nights after it say nothing, and commands that are asked do', async () => {
  for (const days of [1, 2]) {
    await loseOldest(days);
    // A correction of another day is repaired beside it.
    await warehouse.execute(
      `update cmc_price_histories7 set close = (open + close) / 2 where id = 52 and timestamp = (
         select max(timestamp) - interval '9 days' from cmc_price_histories7)`,
    );
    const end = await expectExit(0, warehouse.run(['refresh', '--all', '--strict']));
    expect(end.stdout).not.toMatch(/are kept/);
    await verify();
  }
  expect(await countBars()).toBe(DAYS);
  expect(await doctor()).toEqual([
    expect.stringMatching(/^ok: ID 52: 6 days \(.*--ids 52 --accept-deletions" drops what is kept of it$/),
  ]);
  const explained = await expectExit(0, warehouse.run(['explain', '52']));
  expect(explained.stdout).toMatch(/kept +6 days \(\S+ to \S+\) that the source has lost at its beginning/);
  const status = await expectExit(0, warehouse.run(['status']));
  expect(status.stdout).toMatch(/^kept beside the source: 6 days of 1 asset \(ID 52 6\)/m);
});

test('a rebuild and a hole in the middle leave what is kept', async () => {
  await expectExit(0, warehouse.run(['refresh', '--all', '--full-rebuild']));
  expect(await countBars()).toBe(DAYS);
  await warehouse.execute(
    `delete from cmc_price_histories7 where id = 52 and timestamp = (
       select max(timestamp) - interval '9 days' from cmc_price_histories7)`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all']));
  expect(await countBars()).toBe(DAYS - 1);
  await verify();
  // Without a row the source is broken, as always.
  await warehouse.execute('create table aside as select * from cmc_price_histories7 where id = 52');
  await warehouse.execute('delete from cmc_price_histories7 where id = 52');
  const emptied = await warehouse.report(['refresh', '--all']);
  expect(emptied.code).toBe(1);
  expect(reasonOf(emptied.report, 'bars', 52)).toMatch(/^all 53 source rows have vanished/);
  await warehouse.execute('insert into cmc_price_histories7 select * from aside');
  await expectExit(0, warehouse.run(['refresh', '--all']));
  expect(await countBars()).toBe(DAYS - 1);
  await verify();
});

test('rows of an older barwright that would be refused now', async () => {
  await warehouse.execute(
    `update cmc_price_histories7 set timeopen = timeclose - interval '1 hour' where id = 1 and timestamp in (
       select timestamp from cmc_price_bars_1d where id = 1 and bar_seq in (20, 21))`,
  );
  await warehouse.execute('update cmc_price_bars_1d_state set rules = 1');
  const first = await warehouse.run(['refresh', '--all']);
  expect(first.stdout).toMatch(/ID 1: 2 days \(\S+ to\s\S+\) of rows that do not span one UTC day/);
  expect(first.code).toBe(0);
  const again = await expectExit(0, warehouse.run(['refresh', '--all']));
  expect(again.stdout).not.toMatch(/are kept/);
  expect(await countBars(1)).toBe(DAYS);
  expect((await doctor())[0]).toMatch(
    /^warning: ID 1: 2 days .* would be refused now are kept; "barwright refresh/,
  );
  await verify();
});

test('a person says that they may go', async () => {
  await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '52', '--accept-deletions']));
  expect(await countBars()).toBe(DAYS - 7);
  expect(await countBars(1)).toBe(DAYS);
  await expectExit(0, warehouse.run(['refresh', '--all', '--accept-deletions']));
  expect(await countBars(1)).toBe(DAYS - 2);
  expect(await doctor()).toEqual(['ok: none: every 1D bar is a row of its source']);
  await verify();
});

test('a large loss is named again, after nights that lost one day each; each naming is an alert of its own', async () => {
  const lose = async (days: number) => {
    await loseOldest(days, 1);
    const { report } = await warehouse.report(['refresh', '--all']);
    return report.causes.filter(({ kind }) => kind === 'days_kept');
  };
  const [first] = await lose(1);
  expect(first?.sentence).toMatch(kept('1', '1 day', 'that the source has lost at its beginning'));
  expect(await lose(1)).toEqual([]);
  // Two of them are the refused rows, which have no bars any more.
  const [again] = await lose(35);
  expect(again?.sentence).toMatch(kept('1', '35 days', 'that the source has lost at its beginning'));
  expect(again?.alertParts?.[0]?.key).not.toBe(first?.alertParts?.[0]?.key);
  expect(await lose(1)).toEqual([]);
  await verify();
});
