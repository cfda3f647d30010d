/** The views of indicators show what the library computes of the stored bars, and read by the keys of their tables. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INDICATOR_KINDS } from '../../src/domain/indicators/index.js';
import { parseIndicator, usualNameOf } from '../../src/domain/indicators/name.js';
import { barColumnsOf, computeIndicators, type IndicatorBar } from '../../src/domain/indicators/series.js';
import { execute, insertPrices, runBars, runIndicators } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';

const NAMES = INDICATOR_KINDS.map(usualNameOf);
const INDICATORS = NAMES.map((name) => parseIndicator(name));
const SHAPE: HistoryShape = {
  ...{ seed: 11, firstDay: 17_500, rows: 700, gapRate: 0.02, longestGap: 4 },
  ...{ ties: false, badRate: 0, longestChunk: 10 },
};
const SERIES = [
  ['multi_tf', '1D'],
  ['multi_tf', '7D'],
  ['cal_us', '1W_CAL_US'],
  ['cal_iso', '1M_CAL'],
  ['cal_anchor_iso', '2W_CAL_ANCHOR_ISO'],
] as const;

type BarCells = [day: string, open: number, high: number, low: number, close: number, volume: number | null];

const barOf = ([, open, high, low, close, volume]: BarCells): IndicatorBar => ({
  ...{ open, high, low, close, volume },
});

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: TestDatabase;
  const read = <T extends unknown[]>(sql: string, params: readonly unknown[] = []) =>
    warehouse.database.read((tx) => tx.query<T>(sql, params));

  beforeAll(async () => {
    warehouse = await createTestDatabase(options);
    await execute(warehouse.database, 'insert into dim_indicator select unnest($1::text[])', [NAMES]);
    for (const id of [1, 2]) await insertPrices(warehouse.database, id, pricesOf({ ...SHAPE, seed: id }));
    await runBars(warehouse.database, { ids: [1, 2] });
    await runIndicators(warehouse.database, { ids: [1, 2] });
    // As many assets as are registered have rows: among a handful, reading every one would be the better plan.
    await warehouse.database.transaction(async (tx) => {
      for (const table of ['indicator_carry', 'indicator_points']) {
        await tx.execute(`create temp table one_asset on commit drop as select * from ${table} where id = 1`);
        await tx.execute(`do $$ begin
          for n in 3..40 loop update one_asset set id = n; insert into ${table} select * from one_asset; end loop;
        end $$`);
        await tx.execute('drop table one_asset');
      }
    });
    for (const table of ['indicator_carry', 'indicator_points', 'cmc_price_bars_1d'])
      await execute(warehouse.database, `analyze ${table}`);
  }, 120_000);
  afterAll(async () => {
    await warehouse?.drop();
  });

  function closedBars(alignment: string, tf: string): Promise<BarCells[]> {
    return tf === '1D'
      ? read<BarCells>(
          `select (timestamp at time zone 'UTC')::date::text, open, high, low, close, volume from cmc_price_bars_1d
           where id = 1 order by bar_seq`,
        )
      : read<BarCells>(
          `select last_day::text, open, high, low, close, volume from price_bars
           where id = 1 and alignment = $1::bar_alignment and tf = $2 order by bar_seq`,
          [alignment, tf],
        );
  }

  test.each(SERIES)(
    'indicators and indicator_series of %s %s are what the library computes of its bars',
    async (alignment, tf) => {
      const bars = await closedBars(alignment, tf);
      expect(bars.length).toBeGreaterThan(15);
      const computed = computeIndicators(INDICATORS, barColumnsOf(bars.map(barOf)));
      let compared = 0;
      for (const [name, values] of computed) {
        const expected = bars.flatMap(([day], at) => {
          const value = values[at] ?? Number.NaN;
          // -0 is stored as 0.
          return Number.isNaN(value) ? [] : [[day, value + 0]];
        });
        const params = [alignment, tf, name];
        const ofView = await read(
          `select day::text, value from indicators
         where id = 1 and alignment = $1::bar_alignment and tf = $2 and name = $3 order by day`,
          params,
        );
        expect(ofView, name).toEqual(expected);
        const middle = expected.slice(2, 9);
        const from = middle[0]?.[0] ?? null;
        const to = middle.at(-1)?.[0] ?? '1970-01-01';
        const ofFunction = await read(
          'select day::text, value from indicator_series(1, $2, $3, $4::date, $5::date, $1)',
          [...params, from, to],
        );
        expect(ofFunction, name).toEqual(middle);
        compared += expected.length;
      }
      expect(compared).toBeGreaterThan(50);
    },
  );

  test.each(SERIES)(
    'indicators_latest of %s %s: the last close, and the open bar as if it closed now',
    async (alignment, tf) => {
      const bars = await closedBars(alignment, tf);
      const open = await read<[boolean, ...BarCells]>(
        `select is_closed, watermark_day::text, open, high, low, close, volume from price_bars_state
       where id = 1 and alignment = $1::bar_alignment and tf = $2`,
        [alignment, tf],
      );
      const [isClosed = true, ...openBar] = open[0] ?? [];
      const now = isClosed ? bars : [...bars, openBar as BarCells];
      const values = computeIndicators(INDICATORS, barColumnsOf(bars.map(barOf)));
      const previews = computeIndicators(INDICATORS, barColumnsOf(now.map(barOf)));
      const known = (value: number | undefined) =>
        value === undefined || Number.isNaN(value) ? null : value;
      const expected = [...previews].flatMap(([name, column]) => {
        const preview = known(column.at(-1));
        return preview === null ? [] : [[name, known(values.get(name)?.at(-1)), preview]];
      });
      const found = await read(
        `select name, value, preview from indicators_latest
       where id = 1 and alignment = $1::bar_alignment and tf = $2 order by name collate "C"`,
        [alignment, tf],
      );
      expect(found).toEqual(expected.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
      expect(expected.length).toBeGreaterThan(10);
    },
  );

  test('ts is the close of the bar, days are UTC in any session', async () => {
    const rows = await warehouse.database.transaction(async (tx) => {
      await tx.execute(`set local timezone = 'Pacific/Kiritimati'`);
      return tx.query<[boolean]>(
        `select i.day = b.last_day and i.ts = b.time_close from indicators i
         join price_bars b on b.id = i.id and b.alignment = i.alignment and b.tf = i.tf and b.last_day = i.day
         where i.id = 1 and i.alignment = 'multi_tf' and i.tf = '7D' and i.name = 'rsi_14'`,
      );
    });
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.every(([isSame]) => isSame)).toBe(true);
  });

  interface PlanNode {
    'Index Name'?: string;
    'Index Cond'?: string;
    'Relation Name'?: string;
    'Node Type': string;
    Plans?: PlanNode[];
  }

  async function planOf(sql: string): Promise<PlanNode[]> {
    const rows = await read<[[{ Plan: PlanNode }]]>(`explain (format json) ${sql}`);
    const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];
    return rows.flatMap(([[{ Plan }]]) => flatten(Plan));
  }

  test.each([
    [
      `select day, value from indicators where id = 2 and alignment = 'multi_tf' and tf = '1D' and name = 'rsi_14'`,
    ],
    [`select * from indicator_series(2, '1D', 'rsi_14', '2018-01-01', '2018-12-31')`],
  ])('filters reach the keys: %s', async (sql) => {
    const nodes = await planOf(sql);
    const points = nodes.filter((node) => node['Index Name'] === 'indicator_points_pkey');
    expect(points.map((node) => node['Index Cond'] ?? '').join()).toMatch(/id = 2.*alignment = .*tf = /);
    expect(
      nodes.filter(
        (node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'indicator_points',
      ),
    ).toEqual([]);
  });

  test('the newest values of all assets are one scan of indicator_carry', async () => {
    const nodes = await planOf(`select id, value, preview from indicators_latest where name = 'rsi_14'`);
    const relations = nodes.flatMap((node) => node['Relation Name'] ?? []);
    expect(relations).toEqual(['indicator_carry']);
  });

  test('what waits for its repair is not shown', async () => {
    await execute(
      warehouse.database,
      `update cmc_price_histories7 set high = high * 1.01 where id = 2 and timestamp >= timestamptz '2018-06-01Z'`,
    );
    await runBars(warehouse.database, { ids: [2] });
    const [row] = await read<[string, number]>(
      `select max(day)::text, (select count(*) from indicators_latest where id = 2)::int from indicators where id = 2`,
    );
    expect(row?.[0]).toMatch(/^2018-05-3/);
    expect(row?.[1]).toBe(0);
    expect((await runIndicators(warehouse.database, { ids: [2] })).get(2)).toMatchObject({
      action: 'repair',
    });
    const [after] = await read<[number]>('select count(*)::int from indicators_latest where id = 2');
    expect(after?.[0]).toBeGreaterThan(1000);
  });
});
