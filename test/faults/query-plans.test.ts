/** The server chooses how it answers, and with statistics that come or go it chooses otherwise: no number depends on it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpResults, runBars, runEmas } from '../support/component-runs.js';
import { SERVERS } from '../support/each-server.js';
import { PLANS, type PlanName } from '../support/plans/plans.js';
import { createWarehouse, expectExit, outcomesOf, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2, 3];
/** So many series, and so many bars of them, that PostgreSQL 18 joins them otherwise than with the catalogue as it comes. */
const TIMEFRAMES = [
  `delete from dim_timeframe where not (alignment = 'v2' or (alignment, tf) in
     (('multi_tf', '10D'), ('multi_tf', '7D'), ('cal_us', '1W_CAL_US'), ('cal_us', '1M_CAL')))`,
  `delete from dim_timeframe where alignment = 'v2' and tf not in
     (select tf from dim_timeframe where alignment = 'v2' and tf_days >= 100 order by tf_days limit 41)`,
];
const PRICES = `insert into cmc_price_histories7 (id, name, timeopen, timeclose, timehigh, timelow, timestamp, open, high, low,
    close, volume, marketcap, load_ts)
  select id, 'x', d, d + interval '23:59:59.999', d + interval '1 h', d + interval '2 h', d + interval '23:59:59.999',
    10 + id, 12 + id + n % 7, 9, 10.5 + id + n % 5, 5, 6, '2020-01-01Z'
  from unnest($1::int[]) id, generate_series($2::int, $3::int) n,
    lateral (select timestamptz '2026-01-01 00:00Z' + n * interval '1 day' as d) x`;

async function createCase(options: Parameters<typeof createWarehouse>[0]): Promise<Warehouse> {
  const warehouse = await createWarehouse(options);
  for (const statement of TIMEFRAMES) await warehouse.execute(statement);
  await warehouse.execute('insert into dim_assets (id) select unnest($1::int[])', [IDS]);
  await warehouse.execute(PRICES, [IDS, 0, 2]);
  return warehouse;
}

/** Three days, then 75 more; the EMAs of one asset first, as a process of its own would do. */
async function buildTwice(plan: PlanName, options: object): Promise<Record<string, string[]>> {
  const warehouse = await createCase({ ...options, plan });
  const { database } = warehouse;
  const expectDone = async (run: ReturnType<typeof runBars>) => {
    for (const { status, reason } of (await run).values()) expect(status, reason).toBe('ok');
  };
  try {
    await expectDone(runBars(database, { ids: IDS }));
    await expectDone(runEmas(database, { ids: IDS }));
    await warehouse.execute(PRICES, [IDS, 3, 77]);
    await expectDone(runBars(database, { ids: IDS }));
    await expectDone(runEmas(database, { ids: [1] }));
    await expectDone(runEmas(database, { ids: IDS }));
    return await dumpResults(database);
  } finally {
    await warehouse.drop();
  }
}

describe.each(SERVERS)('on $server', ({ options }) => {
  let usual: Record<string, string[]>;
  let warehouse: Warehouse;
  beforeAll(async () => {
    usual = await buildTwice('usual', options);
    warehouse = await createCase(options);
  });
  afterAll(() => warehouse?.drop());

  test.each(Object.keys(PLANS) as PlanName[])(
    'every row is the same, whatever the plan: %s',
    async (plan) => {
      expect(usual.ema_points?.length).toBeGreaterThan(30);
      expect(await buildTwice(plan, options)).toEqual(usual);
    },
  );

  test('statistics that are new since the bars were built: the EMAs of one asset are built', async () => {
    await warehouse.run(['refresh', '--all', '--no-log-file']);
    await warehouse.execute(PRICES, [IDS, 3, 77]);
    await warehouse.run(['refresh', '--bars', '--no-log-file']);
    await warehouse.execute('analyze');
    const { report } = await warehouse.report(['refresh', '--emas', '--ids', '1', '--skip-stale-check']);
    expect(outcomesOf(report, 'emas')).toEqual(['1 ok']);
    await warehouse.run(['refresh', '--all', '--no-log-file']);
    const { stdout } = await expectExit(0, warehouse.run(['verify', '--source']));
    expect(stdout).toContain('equal to a rebuild');
  });
});
