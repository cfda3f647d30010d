/** The worked example of semantics.md §6, from source days through the real command to the views. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';

const CLOSES = [10, 11, 12, 11, 13, 14, 13, 15, 16, 18, 17, 19, 20, 18];

/** day, roll, ema_bar, ema, v2 as the table of semantics.md has them. */
const EXPECTED: readonly (readonly [number, boolean, number, number, number])[] = [
  [6, false, 13, 13, 11.833333333333334],
  [7, true, 13, 13, 12.166666666666666],
  [8, true, 14.333333333333334, 13.571428571428573, 12.976190476190474],
  [9, false, 15, 14.265306122448981, 13.840136054421768],
  [10, true, 17, 15.332361516034986, 15.028668610301262],
  [11, true, 16.333333333333332, 15.808829654310703, 15.591906150215188],
  [12, false, 17.666666666666668, 16.72059261022193, 16.565647250153706],
  [13, true, 19.22222222222222, 17.657566150158523, 17.546890892966932],
  [14, true, 17.88888888888889, 17.755404392970373, 17.676350637833522],
];

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: TestDatabase;
  const read = (sql: string) => warehouse.database.read((tx) => tx.query(sql));

  beforeAll(async () => {
    warehouse = await createTestDatabase(options);
    await warehouse.database.transaction(async (tx) => {
      await tx.execute('insert into dim_period values (2)');
      await tx.execute(
        `insert into cmc_price_histories7 (id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close)
         select 1, t.close, t.open, t.close, t.open, t.open, c, c, c, c
         from unnest($1::float8[]) with ordinality as p (c, n)
         cross join lateral (
           select timestamptz '2024-12-31Z' + n * interval '1 day' as open,
                  timestamptz '2025-01-01Z' + n * interval '1 day' - interval '1 millisecond' as close) t`,
        [CLOSES],
      );
    });
    const refresh = await runCli(['refresh', '--all'], { env: { TARGET_DB_URL: warehouse.url } });
    expect(refresh).toMatchObject({ code: 0, stderr: '' });
  });
  afterAll(() => warehouse.drop());

  test('ema_bar, ema and v2 of 3D with period 2', async () => {
    const rows = await read(
      `select extract(day from e.ts)::int, e.roll, e.ema_bar, e.ema, v.ema, v.roll, v.ema_bar
       from cmc_ema_multi_tf e
       join cmc_ema_multi_tf_v2 v on v.id = e.id and v.tf = e.tf and v.period = e.period and v.ts = e.ts
       where e.id = 1 and e.tf = '3D' and e.period = 2 order by e.ts`,
    );
    expect(rows).toHaveLength(EXPECTED.length);
    for (const [index, [day, roll, emaBar, ema, v2]] of EXPECTED.entries()) {
      const row = rows[index] as [number, boolean, number, number, number, boolean, null];
      expect(row.slice(0, 2)).toEqual([day, roll]);
      expect(row[2]).toBeCloseTo(emaBar, 12);
      expect(row[3]).toBeCloseTo(ema, 12);
      expect(row[4]).toBeCloseTo(v2, 12);
      expect(row.slice(5)).toEqual([roll, null]);
    }
  });

  test('differences of ema_bar at the closing days', async () => {
    const rows = await read(
      `select extract(day from ts)::int, d1_bar, d2_bar from cmc_ema_multi_tf
       where id = 1 and tf = '3D' and period = 2 and not roll order by ts`,
    );
    expect(rows[0]).toEqual([6, null, null]);
    expect(rows[1]).toEqual([9, 2, null]);
    expect(rows[2]?.[1]).toBeCloseTo(2.666666666666668, 12);
    expect(rows[2]?.[2]).toBeCloseTo(0.6666666666666679, 12);
  });

  test('the first value is the mean of the first p closes, at the p-th closing day', async () => {
    expect(
      await read(
        `select bar_seq, close from price_bars where id = 1 and alignment = 'multi_tf' and tf = '3D' order by 1`,
      ),
    ).toEqual([
      [1, 12],
      [2, 14],
      [3, 16],
      [4, 19],
    ]);
  });
});
