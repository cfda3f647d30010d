/** Constant filters and joins on id, alignment and tf reach the keys of the tables under the bar views (design.md, Views). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAR_ALIGNMENTS } from '../../src/domain/calendar/timeframe.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { RICH_SHAPE, SERIES, writeHistory } from '../support/snapshots.js';

const VIEWS = BAR_ALIGNMENTS.map((alignment) => ({
  alignment,
  view: alignment === 'multi_tf' ? 'cmc_price_bars_multi_tf' : `cmc_price_bars_multi_tf_${alignment}`,
  tf: SERIES.find((timeframe) => timeframe.alignment === alignment)?.tf ?? '',
}));

interface PlanNode {
  'Node Type': string;
  'Parent Relationship'?: string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Function Name'?: string;
  Plans?: PlanNode[];
}

/** Index conditions by index name, one per scan. */
function conditionsOf(nodes: readonly PlanNode[], index: string): string[] {
  return nodes.flatMap((node) => (node['Index Name'] === index ? [node['Index Cond'] ?? 'none'] : []));
}

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: TestDatabase;

  beforeAll(async () => {
    warehouse = await createTestDatabase(options);
    for (const id of [1, 2, 3, 4])
      await writeHistory(warehouse.database, id, { ...RICH_SHAPE, seed: 30 + id });
    await warehouse.database.transaction(async (tx) => {
      await tx.execute(
        `insert into dim_assets (id, symbol) select n, 'S' || n from generate_series(1, 300) n`,
      );
      // As many assets as are registered have states: among a handful, reading every one would be the better plan.
      await tx.execute('create temp table one_carry on commit drop as select * from bar_carry where id = 1');
      await tx.execute(`do $$ begin
        for n in 5..300 loop
          update one_carry set id = n;
          insert into bar_carry select * from one_carry;
        end loop;
      end $$`);
      await tx.execute('analyze dim_assets, price_bars, bar_carry, cmc_price_bars_1d');
    });
  });
  afterAll(async () => {
    await warehouse?.drop();
  });

  /** Every node of a query's plan. The tables are small here: without the setting they would be read whole. */
  async function planOf(sql: string, off: readonly string[] = []): Promise<PlanNode[]> {
    const rows = await warehouse.database.transaction(async (tx) => {
      for (const setting of ['enable_seqscan', ...off]) await tx.execute(`set local ${setting} = off`);
      return tx.query<[[{ Plan: PlanNode }]]>(`explain (format json) ${sql}`);
    });
    const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
    return rows.flatMap(([[{ Plan }]]) => flatten(Plan));
  }

  test.each(VIEWS)(
    'constant filters on $view are index conditions, other branches are gone',
    async (viewed) => {
      const { alignment, view, tf } = viewed;
      for (const from of [
        `${view} where id = 1 and tf = '${tf}'`,
        `price_bars_daily where id = 1 and alignment = '${alignment}' and tf = '${tf}'`,
      ]) {
        const nodes = await planOf(`select * from ${from}`);
        // A subquery in the list of columns would be run for each row.
        expect(nodes.filter((node) => node['Parent Relationship'] === 'SubPlan')).toEqual([]);
        expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
        const rows = conditionsOf(nodes, 'bar_carry_pkey');
        const bars = conditionsOf(nodes, 'price_bars_pkey');
        expect(rows).toEqual([expect.stringMatching(`id = 1.*alignment = '${alignment}'::`)]);
        // The offset from the first window looks that window's bar up.
        expect(bars).toHaveLength(alignment.startsWith('cal_anchor') ? 2 : 1);
        for (const condition of bars) {
          expect(condition).toMatch(/id = /);
          expect(condition).toMatch(/alignment = /);
          expect(condition).toContain(`tf = '${tf}'::text`);
        }
        const days = conditionsOf(nodes, 'cmc_price_bars_1d_id_timestamp_key');
        expect(days).toHaveLength(1);
        expect(days[0]).toMatch(/id = .*"timestamp" >= .*first_day.*"timestamp" < .*last_day/);
      }
    },
  );

  test('a join on id reaches the keys as well', async () => {
    const nodes = await planOf(
      `select v.* from dim_assets a join cmc_price_bars_multi_tf v on v.id = a.id
       where a.symbol = 'S7' and v.tf = '7D'`,
      // Four assets would be joined by reading all.
      ['enable_hashjoin', 'enable_mergejoin'],
    );
    expect(conditionsOf(nodes, 'bar_carry_pkey')).toEqual([
      expect.stringMatching(/id = a\.id.*alignment = 'multi_tf'/),
    ]);
    expect(conditionsOf(nodes, 'price_bars_pkey')).toEqual([
      expect.stringMatching(/id = .*alignment = .*tf = '7D'/),
    ]);
  });

  test('bar_series is inlined and reads one series', async () => {
    const nodes = await planOf(`select * from bar_series(1, '1M_CAL', '2015-02-01', '2015-03-01')`);
    expect(nodes.map((node) => node['Function Name'] ?? '')).not.toContain('bar_series');
    expect(conditionsOf(nodes, 'bar_carry_pkey')).toEqual([expect.stringMatching(/id = 1.*alignment = /)]);
    const conditions = conditionsOf(nodes, 'price_bars_pkey');
    expect(conditions.length).toBeGreaterThan(0);
    for (const condition of conditions) expect(condition).toMatch(/id = .*alignment = .*tf = '1M_CAL'/);
  });

  test('bars_latest of an asset is one index scan of the states', async () => {
    const nodes = await planOf('select * from bars_latest where id = 1');
    const scans = nodes.filter((node) => node['Relation Name'] !== undefined);
    expect(scans.map((node) => node['Relation Name'])).toEqual(['bar_carry']);
    expect(conditionsOf(nodes, 'bar_carry_pkey')).toEqual(['(id = 1)']);
  });
});
