/** Constant filters reach the keys of the tables under the EMA views, and functions read what they need (design.md, Views). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALIGNMENTS, TIMEFRAMES } from '../../src/domain/calendar/timeframe.js';
import { SERVERS } from '../support/each-server.js';
import { EMA_COLUMNS, sourceOf, viewOf } from '../support/ema-rows.js';
import { createEmaWarehouse, type EmaWarehouse } from '../support/ema-warehouse.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';

const VIEWS = ALIGNMENTS.map((alignment) => ({
  alignment,
  view: viewOf(alignment),
  source: sourceOf(alignment),
  tf: TIMEFRAMES.find((timeframe) => timeframe.alignment === alignment && timeframe.tf !== '1D')?.tf ?? '',
}));
const SHAPE: HistoryShape = {
  ...{ seed: 1, firstDay: 16_436, rows: 200, gapRate: 0.02, longestGap: 3 },
  ...{ ties: false, badRate: 0, longestChunk: 7 },
};
/** Eleven years. */
const LONG_ROWS = 3952;

interface PlanNode {
  'Node Type': string;
  'Parent Relationship'?: string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Function Name'?: string;
  Filter?: string;
  Plans?: PlanNode[];
}

/** Index conditions by index name, one per scan. */
function conditionsOf(nodes: readonly PlanNode[], index: string): string[] {
  return nodes.flatMap((node) => (node['Index Name'] === index ? [node['Index Cond'] ?? 'none'] : []));
}

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: EmaWarehouse;
  let longId: number;

  beforeAll(async () => {
    warehouse = await createEmaWarehouse(options);
    for (const seed of [1, 2, 3])
      await warehouse.writeAsset(pricesOf({ ...SHAPE, seed }), { periods: [2, 10] });
    longId = (
      await warehouse.writeAsset(pricesOf({ ...SHAPE, rows: LONG_ROWS, gapRate: 0 }), { periods: [10, 21] })
    ).id;
    await warehouse.database.transaction(async (tx) => {
      await tx.execute(
        `insert into dim_assets (id, symbol) select n, 'S' || n from generate_series(1, 300) n on conflict do nothing`,
      );
      // As many assets as are registered have states: among a handful, computing all would be the better plan.
      await tx.execute('create temp table some_carry on commit drop as select * from ema_carry where id = 1');
      await tx.execute(`do $$ begin
        for n in 100..300 loop
          update some_carry set id = n;
          insert into ema_carry select * from some_carry;
        end loop;
      end $$`);
      await tx.execute('analyze dim_assets, cmc_price_bars_1d, ema_points, ema_carry, dim_timeframe');
    });
  });
  afterAll(async () => {
    await warehouse?.drop();
  });

  /** Every node of a query's plan. The tables are small here: without the setting they would be read whole. */
  async function planOf(sql: string): Promise<PlanNode[]> {
    const rows = await warehouse.database.transaction(async (tx) => {
      await tx.execute('set local enable_seqscan = off');
      return tx.query<[[{ Plan: PlanNode }]]>(`explain (format json) ${sql}`);
    });
    const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
    return rows.flatMap(([[{ Plan }]]) => flatten(Plan));
  }

  test.each(VIEWS)(
    'constant filters on $view are index conditions of every table',
    async ({ view, source, ...series }) => {
      const { alignment, tf } = series;
      for (const from of [
        `${view} where id = 1 and tf = '${tf}' and period = 10`,
        // Of six branches one is left.
        `cmc_ema_multi_tf_u where id = 1 and tf = '${tf}' and period = 10 and alignment_source = '${source}'`,
      ]) {
        const nodes = await planOf(`select * from ${from}`);
        // A subquery in the list of columns would be run for each row.
        expect(nodes.filter((node) => node['Parent Relationship'] === 'SubPlan')).toEqual([]);
        expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
        expect(conditionsOf(nodes, 'ema_points_pkey')).toEqual([
          expect.stringMatching(/id = s\.id.*alignment = s\.alignment.*tf = e\.tf/),
        ]);
        expect(conditionsOf(nodes, 'ema_carry_pkey')).toEqual([
          expect.stringMatching(`id = 1.*alignment = '${alignment}'`),
        ]);
        expect(conditionsOf(nodes, 'dim_timeframe_pkey')).toEqual([
          expect.stringMatching(`alignment = '${alignment}'.*tf = '${tf}'`),
        ]);
        expect(conditionsOf(nodes, 'cmc_price_bars_1d_id_timestamp_key')).toEqual([
          expect.stringMatching(/id = .*"timestamp" >= .*"timestamp" </),
        ]);
        const unnested = nodes.filter((node) => node['Function Name'] === 'unnest');
        const filters = unnested.map(({ Filter }) => Filter ?? '');
        for (const filter of [`tf = '${tf}'`, 'period = 10'])
          expect(filters.filter((each) => each.includes(filter))).toHaveLength(1);
      }
    },
  );

  test.each([
    ['a join', 'cmc_ema_multi_tf e join dim_assets a using (id) where a.symbol =', `'S7'`],
    ['a subquery', 'cmc_ema_multi_tf e where id in (select id from dim_assets where symbol =', `'S7')`],
    [
      'a join of a range of days',
      `emas_between('2015-05-01') e join dim_assets a using (id) where a.symbol =`,
      `'S7'`,
    ],
  ])('%s on the asset chooses the series that are computed', async (_what, from, end) => {
    const nodes = await planOf(`select e.* from ${from} ${end} and e.tf = '7D' and e.period = 10`);
    expect(nodes.filter((node) => node['Relation Name'] === 'ema_points')).not.toEqual([]);
    for (const condition of conditionsOf(nodes, 'ema_points_pkey'))
      expect(condition).toMatch(/id = (s(_\d)?\.id|\$\d+)\).*alignment = .*tf = (e(_\d)?\.tf|\$\d+)\)/);
    const states = conditionsOf(nodes, 'ema_carry_pkey');
    expect(states).not.toEqual([]);
    for (const condition of states) expect(condition).toMatch(/id = (a|dim_assets)\.id/);
  });

  test('ema_latest is made of the states', async () => {
    const nodes = await planOf(`select * from ema_latest where id = 1 and tf = '7D'`);
    expect(nodes.flatMap((node) => node['Relation Name'] ?? [])).toEqual(['ema_carry']);
    expect(conditionsOf(nodes, 'ema_carry_pkey')).toEqual([expect.stringContaining('id = 1')]);
  });

  test('filters on ema_asof are index conditions of points and states', async () => {
    const nodes = await planOf(
      `select * from ema_asof('2015-05-01') where id = 1 and tf = '7D' and alignment = 'v2'`,
    );
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    expect(conditionsOf(nodes, 'ema_carry_pkey')).toEqual([
      expect.stringMatching(/id = 1.*alignment = 'v2'/),
    ]);
    expect(conditionsOf(nodes, 'ema_points_pkey')).toEqual([
      expect.stringMatching(/id = .*alignment = .*tf = /),
    ]);
  });

  /** Rows fetched from a table by one query. */
  async function fetchedBy(table: string, sql: string): Promise<number> {
    return warehouse.database.transaction(async (tx) => {
      await tx.execute('set local enable_seqscan = off');
      const count = async (): Promise<number> => {
        const rows = await tx.query<[number]>(
          'select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relname = $1',
          [table],
        );
        return rows[0]?.[0] ?? Number.NaN;
      };
      const before = await count();
      await tx.query(sql);
      return (await count()) - before;
    });
  }

  test('ema_series reads the points and days of its range only, also in a lateral join', async () => {
    const series = `ema_series(a.id, '7D', 10, '2025-08-01', '2025-09-30')`;
    const sql = `select s.* from (values (${longId})) a (id), lateral ${series} s`;
    // Nine weeks and the two points before.
    expect(await fetchedBy('cmc_price_bars_1d', sql)).toBeLessThan(90);
    // Those and the newest four are also read past on the way back to the first one that is needed.
    expect(await fetchedBy('ema_points', sql)).toBeLessThan(40);
    expect(await warehouse.read(sql)).toHaveLength(61);
  });

  test.each([
    ['7D', 'cmc_ema_multi_tf', 'multi_tf'],
    ['1D', 'cmc_ema_multi_tf', 'multi_tf'],
    ['7D', 'cmc_ema_multi_tf_v2', 'v2'],
    ['1M_CAL', 'cmc_ema_multi_tf_cal_us', 'cal_us'],
  ])('the whole series of %s in %s reads each of its days and points once', async (tf, view, alignment) => {
    const [[days = 0, points = 0] = []] = await warehouse.read(
      `select (select count(*) from cmc_price_bars_1d where id = ${longId}),
         (select count(*) from ema_points where id = ${longId} and alignment = '${alignment}' and tf = '${tf}')`,
    );
    const sql = `select * from ${view} where id = ${longId} and tf = '${tf}' and period = 10`;
    expect(await fetchedBy('cmc_price_bars_1d', sql)).toBeLessThanOrEqual(Number(days));
    expect(await fetchedBy('ema_points', sql)).toBe(Number(points));
  });

  test('the views have the documented columns in the documented order', async () => {
    const rows = await warehouse.read(
      `select c.relname::text, string_agg(a.attname, ' ' order by a.attnum)
       from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relkind = 'v' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0 group by c.relname`,
    );
    const columns = Object.fromEntries(rows);
    const before = EMA_COLUMNS.slice(0, -1);
    for (const { view } of VIEWS) expect(columns[view]).toBe([...before, 'ingested_at', 'day'].join(' '));
    expect(columns.cmc_ema_multi_tf_u).toBe([...before, 'alignment_source', 'ingested_at', 'day'].join(' '));
    expect(columns.ema_latest).toBe('id alignment tf period ts roll ema ema_bar day');
    expect(columns.ema_alpha_lookup).toBe(
      'tf period tf_days_nominal alpha_bar alpha_ema_dailyspace alpha_bar_preview_daily',
    );
  });
});
