/** Late sources: who is named, with which exit code, how often, and what one types. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AssetStatus } from '../../../src/orchestration/inspect/status.js';
import { createDesk, type Desk } from '../../support/desk.js';
import { writePrices } from '../../support/prices.js';
import {
  createWarehouse,
  expectDays,
  expectExit,
  outcomesOf,
  type Warehouse,
} from '../../support/warehouse.js';

let warehouse: Warehouse;
let desk: Desk;

beforeEach(async () => {
  warehouse = await createWarehouse();
  await expectDays(warehouse);
  desk = createDesk({ TARGET_DB_URL: warehouse.urls.runner });
});
afterEach(async () => {
  desk.clear();
  await warehouse.drop();
});

/** Prices of the asset on these weekdays (ISO, Monday 1) of the last days, up to the newest that is over. */
async function writeWeekdays(id: number, weekdays: readonly number[], days = 200): Promise<void> {
  await writePrices(warehouse.database, { ids: [id], days });
  await warehouse.execute(
    'delete from cmc_price_histories7 where id = $1 and extract(isodow from timestamp) <> all($2)',
    [id, weekdays],
  );
}

const statuses = async (): Promise<Map<number, AssetStatus>> => {
  const { stdout } = await expectExit(0, desk.run(['status', '--json']));
  const { assets } = JSON.parse(stdout) as { assets: AssetStatus[] };
  return new Map(assets.map((asset) => [asset.id, asset]));
};

describe('a source that is late', () => {
  test('is named with since when and what to type, ends with 3, fails check, and --quiet prints it', async () => {
    await writePrices(warehouse.database, { ids: [1], days: 90 });
    await writePrices(warehouse.database, { ids: [52], days: 90, endsDaysAgo: 6 });
    const { stdout } = await expectExit(3, desk.run(['refresh', '--all', '--quiet']));
    expect(stdout).toMatch(
      /\[WARNING\] ID 52: source late: no price since \d{4}-\d\d-\d\d, 5 expected days missing; calendar learnt/,
    );
    expect(stdout).toMatch(/Overall: .*1 late/);
    const check = await expectExit(1, desk.run(['check']));
    expect(check.stdout).toMatch(
      /^\[FAILED\] source late: ID 52: no price since .*; there is no good run\n$/,
    );
    await expectExit(0, desk.run(['refresh', '--all', '--allow-late']));
    await expectExit(1, desk.run(['check']));
    await expectExit(0, desk.run(['check', '--allow-late']));
    await expectExit(0, desk.run(['check', '--late-after', '5']));
    await expectExit(1, desk.run(['check', '--late-after', '4']));
    expect((await expectExit(0, desk.run(['refresh', '--all', '--late-after', '5', '--quiet']))).stdout).toBe(
      '',
    );
    expect((await statuses()).get(52)).toMatchObject({
      ...{ lateness: 'late', missingDays: 5, verdict: 'stale: the source is late' },
      calendar: 'learnt (every day)',
    });
    const { report } = await warehouse.report(['refresh', '--all']);
    expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 ok']);
    const cause = report.causes.find(({ kind }) => kind === 'source_late');
    expect(cause).toMatchObject({ ids: [52], count: 1, command: 'barwright explain 52' });
    expect(cause?.since?.slice(0, 10)).toBe(report.late[0]?.firstMissing);
  });

  test('comes in: level again, and exit 0', async () => {
    await writePrices(warehouse.database, { ids: [52], days: 90, endsDaysAgo: 6 });
    await expectExit(3, desk.run(['refresh', '--all']));
    await writePrices(warehouse.database, { ids: [52], days: 5 });
    const waiting = (await statuses()).get(52);
    expect(waiting).toMatchObject({ lateness: 'level', verdict: 'stale: we are behind by 5 days' });
    // The days are there: what is due is a refresh.
    const check = await expectExit(1, desk.run(['check']));
    expect(check.stdout).toMatch(
      /^\[FAILED\] prices wait for "barwright refresh --all": ID 52: no price since \S+, 5 expected days missing/,
    );
    expect(check.stdout).not.toContain('source late');
    await expectExit(0, desk.run(['refresh', '--all']));
    await expectExit(0, desk.run(['check']));
  });

  test('EMAs alone are level with their bars; where the source has an expected day more, that is said', async () => {
    await writePrices(warehouse.database, { ids: [1, 52], days: 90, endsDaysAgo: 2 });
    await expectExit(0, desk.run(['refresh', '--all']));
    expect((await expectExit(0, desk.run(['refresh', '--emas']))).stdout).not.toContain('newer prices');
    await writePrices(warehouse.database, { ids: [52], days: 1 });
    const { stdout } = await expectExit(0, desk.run(['refresh', '--emas']));
    expect(stdout).toMatch(
      /^\[INFO\] ID 52: newer prices wait for their bars: the EMAs are level with the bars, not with the source$/m,
    );
    expect(stdout).toMatch(/^ +since this run; type: barwright refresh --all$/m);
    expect((await expectExit(0, desk.run(['refresh', '--emas', '--quiet']))).stdout).toBe('');
  });

  test('with rows that are all refused is late too, and the reason is said', async () => {
    await writePrices(warehouse.database, { ids: [1], days: 90 });
    await warehouse.execute(
      `update cmc_price_histories7 set open = null, close = null where timestamp > now() - interval '6 days'`,
    );
    const { stdout } = await expectExit(3, desk.run(['refresh', '--all']));
    expect(stdout).toMatch(/source late: no price since .*,\s+rows up to \d{4}-\d\d-\d\d\s+refused/);
  });

  test('an empty warehouse is exit 3', async () => {
    const { stdout } = await expectExit(3, desk.run(['refresh', '--all', '--quiet']));
    expect(stdout).toContain('there is no active asset');
    expect(stdout).toContain('"barwright ingest"');
  });
});

describe('an asset that has ended', () => {
  test('is named once with the command, while others arrive; after that it is no cause', async () => {
    await writePrices(warehouse.database, { ids: [1], days: 90 });
    await writePrices(warehouse.database, { ids: [52, 74], days: 90, endsDaysAgo: 60 });
    const first = await expectExit(3, desk.run(['refresh', '--all']));
    expect(first.stdout).toMatch(
      /\[WARNING\] 2 assets \(.*\): ceased: the worst ID 52: no price since .*, 59\s+expected\s+days\s+missing/,
    );
    const { stdout } = await expectExit(0, desk.run(['refresh', '--all']));
    expect(stdout).not.toContain('ceased');
    await expectExit(0, desk.run(['check']));
    expect((await statuses()).get(52)?.verdict).toBe('ceased: no price for 59 expected days');
    const settled = await expectExit(0, desk.run(['asset', 'calendar', 'ceased', 'none']));
    expect(settled.stdout).toBe(
      '[OK] asset 52: none: no new day is expected\n[OK] asset 74: none: no new day is expected\n',
    );
    expect((await statuses()).get(52)?.verdict).toBe('history: no new day is expected');
    expect((await expectExit(0, desk.run(['asset', 'calendar', 'ceased']))).stdout).toContain(
      'no asset has ceased',
    );
  });

  test('that comes back is expected again', async () => {
    await writePrices(warehouse.database, { ids: [1], days: 90 });
    await writePrices(warehouse.database, { ids: [52], days: 90, endsDaysAgo: 60 });
    await expectExit(3, desk.run(['refresh', '--all']));
    await writePrices(warehouse.database, { ids: [52], days: 3, endsDaysAgo: 1 });
    await expectExit(0, desk.run(['refresh', '--all']));
    expect(await warehouse.query('select ceased_on from asset_calendar where id = 52')).toEqual([[null]]);
  });

  test('is not thought to have ended when the whole source is late', async () => {
    await writePrices(warehouse.database, { ids: [1, 52], days: 90, endsDaysAgo: 60 });
    for (let run = 0; run < 2; run++) {
      const { stdout } = await expectExit(3, desk.run(['refresh', '--all']));
      expect(stdout).toMatch(/2 assets .*source late: the worst/);
      expect(stdout).not.toContain('ceased');
    }
  });
});

describe('a learnt calendar', () => {
  test('has no gap, nothing stale and nothing late where an asset never has prices', async () => {
    const today = Number(
      (await warehouse.query<[number]>("select extract(isodow from now() at time zone 'UTC')::int"))[0]?.[0],
    );
    // Five days of the week, so that the two before today are its weekend: what a Monday morning is to a share.
    const weekdays = [0, 1, 2, 3, 4].map((k) => ((today - 1 + k) % 7) + 1);
    await writeWeekdays(1, weekdays);
    const { report, code } = await warehouse.report(['refresh', '--all', '--strict']);
    expect([code, report.components[0]?.gaps]).toEqual([0, 0]);
    expect((await statuses()).get(1)).toMatchObject({ verdict: 'fresh', lateness: 'level' });
    const emas = await expectExit(0, desk.run(['refresh', '--emas']));
    expect(emas.stdout).not.toContain('stale');
    await expectExit(0, desk.run(['check']));
  });

  test('is stored; a weekday that the asset loses stays expected, and is named', async () => {
    await writePrices(warehouse.database, { ids: [1], days: 400, endsDaysAgo: 200 });
    await expectExit(3, desk.run(['refresh', '--all']));
    expect(await warehouse.query('select weekdays from asset_calendar')).toEqual([[127]]);
    await writePrices(warehouse.database, { ids: [1], days: 199 });
    await warehouse.execute(
      `delete from cmc_price_histories7 where extract(isodow from timestamp) = 3
         and timestamp::date > current_date - 200`,
    );
    const { stdout } = await desk.run(['refresh', '--all']);
    expect(stdout).toContain('ID 1 has had hardly a Wed for half a year, and is expected on it still');
    expect(await warehouse.query('select weekdays from asset_calendar')).toEqual([[127]]);
    const learnt = await expectExit(0, desk.run(['asset', 'calendar', '1', 'learnt']));
    expect(learnt.stdout).toMatch(
      /asset 1: learnt \(Mon, Tue, Thu, Fri, Sat, Sun\): no expected day is missing/,
    );
  });

  test('counts as daily under eight weeks of data', async () => {
    await writePrices(warehouse.database, { ids: [1], days: 20 });
    await expectExit(0, desk.run(['refresh', '--all']));
    expect((await statuses()).get(1)?.calendar).toBe('learnt (daily for now)');
    expect(await warehouse.query('select count(*) from asset_calendar')).toEqual([[0]]);
  });
});

describe('asset calendar', () => {
  beforeEach(async () => {
    await writePrices(warehouse.database, { ids: [1, 52], days: 90, endsDaysAgo: 20 });
    await expectExit(3, desk.run(['refresh', '--all']));
  });

  test('chooses a calendar, and everything follows it', async () => {
    await expectExit(0, desk.run(['asset', 'calendar', '1,52', 'none']));
    await expectExit(0, desk.run(['refresh', '--all']));
    await expectExit(0, desk.run(['check']));
    await expectExit(0, desk.run(['refresh', '--emas']));
    const chosen = await expectExit(0, desk.run(['asset', 'calendar', '1', 'xnys']));
    expect(chosen.stdout).toMatch(/^\[OK\] asset 1: XNYS: late: 1[2-5] expected missing since \d{4}-/);
    const { stdout } = await expectExit(0, desk.run(['explain', '1']));
    expect(stdout).toMatch(/calendar +XNYS: late, 1[2-5] days missing from \d{4}-/);
    expect((await expectExit(0, desk.run(['asset', 'list']))).stdout).toMatch(/calendar XNYS: late: 1/);
    await expectExit(3, desk.run(['refresh', '--all']));
    await expectExit(0, desk.run(['asset', 'calendar', 'all', 'default']));
    expect(await warehouse.query('select calendar from dim_assets')).toEqual([[null], [null]]);
  });

  test('refuses what is no calendar and whom nobody knows', async () => {
    const wrong = await expectExit(2, desk.run(['asset', 'calendar', '1', 'XXXX']));
    expect(wrong.stdout + wrong.stderr).toMatch(
      /expects daily, weekdays, none, learnt, default, or one of .*XNYS.*; got "XXXX"/,
    );
    const nobody = await expectExit(2, desk.run(['asset', 'calendar', '7', 'daily']));
    expect(nobody.stdout + nobody.stderr).toContain('no such asset: 7');
    await expect(warehouse.execute(`update dim_assets set calendar = 'monthly'`)).rejects.toThrow(/check/);
  });

  test('days are added to an exchange and taken back', async () => {
    const added = await expectExit(
      0,
      desk.run(['asset', 'holiday', 'XNYS', '2031-01-01', '2031-02-17', '--note', 'ours']),
    );
    expect(added.stdout).toBe(
      'XNYS 2031-01-01 closed (ours)\nXNYS 2031-02-17 closed (ours)\n2 days were added to XNYS\n',
    );
    await expectExit(0, desk.run(['asset', 'calendar', '1', 'XNYS']));
    const missing = async () =>
      JSON.parse((await expectExit(0, desk.run(['asset', 'calendar', '1', '--json']))).stdout).assets[0]
        .missingDays;
    const before = await missing();
    const day = new Date(Date.now() - 5 * 86_400_000);
    while (day.getUTCDay() === 0 || day.getUTCDay() === 6) day.setUTCDate(day.getUTCDate() - 1);
    const text = day.toISOString().slice(0, 10);
    await expectExit(0, desk.run(['asset', 'holiday', 'XNYS', text]));
    const closed = await missing();
    await expectExit(0, desk.run(['asset', 'holiday', 'XNYS', text, '--open']));
    const open = await missing();
    expect([before - closed, open - closed]).toSatisfy(([a, b]: number[]) => b === 1 && (a === 1 || a === 0));
    const left = await expectExit(0, desk.run(['asset', 'holiday', 'XNYS', text, '--remove']));
    expect(left.stdout).toContain('2 days were added');
  });
});
