/** Variations of breaks that were found before: other values, other kinds of sources. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RefreshReport } from '../../src/orchestration/report/refresh-report.js';
import { SERVERS } from '../support/each-server.js';
import { BAD_DAY, createRaw } from '../support/raw-table.js';
import { grantSource } from '../support/user-table.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const COLUMNS =
  'id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap';
const DAYS = 40;

interface Value {
  id: number;
  what: string;
  /** What is done to the asset's row of the bad day. */
  change: string;
  /** Why it fails; null: it is refreshed. */
  reason: RegExp | null;
}

const VALUES: readonly Value[] = [
  { id: 11, what: 'an infinite time of a row', change: `timestamp = 'infinity'`, reason: null },
  { id: 12, what: 'a time before all times', change: `timestamp = '-infinity'`, reason: null },
  { id: 13, what: 'no time at all', change: 'timestamp = null', reason: null },
  {
    ...{ id: 14, what: 'infinite times within the day', reason: null },
    change: `timeopen = '-infinity', timehigh = 'infinity'`,
  },
  {
    ...{ id: 15, what: 'times within the day that are BC', reason: null },
    change: `timehigh = '0044-03-15 BC', timelow = '0044-03-15 BC'`,
  },
  { id: 16, what: 'prices that are not a number', change: `close = 'NaN', open = 'NaN'`, reason: null },
  { id: 17, what: 'prices that are infinite', change: `high = 'Infinity', low = '-Infinity'`, reason: null },
  {
    ...{ id: 18, what: 'an infinite volume, a market cap of NaN', reason: null },
    change: `volume = '-Infinity', marketcap = 'NaN'`,
  },
  {
    ...{ id: 19, what: 'a market cap beyond every double', change: 'marketcap = 1e400' },
    reason: /its source cannot be read, market_?cap of \d{4}/,
  },
  {
    ...{ id: 20, what: 'the last microsecond that there is', reason: null },
    change: `timestamp = '294276-12-31 23:59:59.999999+00'`,
  },
];

/** SQL that corrects the bad day of one asset, in a way that fires no trigger of the table that is read. */
const CORRECTED = 'set close = close + 1, high = high + 1';

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await createWarehouse(options, [{ ids: [1, 2], days: DAYS }]);
    await warehouse.execute('create schema other');
  });
  afterAll(() => warehouse?.drop());
  const refresh = (source: string) =>
    warehouse.report(['refresh', '--bars', '--allow-late', '--source', source]);

  describe('one value of one asset', () => {
    let built: RefreshReport;
    let found: RefreshReport;
    beforeAll(async () => {
      const ids = VALUES.map(({ id }) => id);
      await createRaw(warehouse, 'raw', { ids });
      await grantSource(warehouse, 'other.raw');
      await warehouse.execute('insert into dim_assets (id) select unnest($1::int[])', [ids]);
      built = (await refresh('other.raw')).report;
      for (const { id, change } of VALUES)
        await warehouse.execute(`update other.raw set ${change} where id = ${id} and ${BAD_DAY}`);
      found = (await refresh('other.raw')).report;
    });

    test.each(VALUES)('$what: it costs its own asset at most', ({ id, reason }) => {
      expect(outcomesOf(built, 'bars')).toContain(`${id} ok`);
      expect(outcomesOf(found, 'bars')).toContain(`${id} ${reason === null ? 'ok' : 'failed'}`);
      if (reason !== null) expect(reasonOf(found, 'bars', id)).toMatch(reason);
    });

    test('after all of them what can be read is equal to a rebuild', async () => {
      const ids = VALUES.filter(({ reason }) => reason === null).map(({ id }) => id);
      await expectExit(0, warehouse.run(['verify', '--source', 'other.raw', '--ids', ids.join()]));
    });
  });

  test('ids that no asset can have: too large, zero, negative, none', async () => {
    await createRaw(warehouse, 'ids', { ids: [31] });
    await warehouse.execute(
      `insert into other.ids (${COLUMNS}) select x, ${COLUMNS.slice(4)} from other.ids, unnest(array[9000000000, 0, -7, null]) x`,
    );
    await grantSource(warehouse, 'other.ids');
    const { report } = await refresh('other.ids');
    expect(outcomesOf(report, 'bars')).toContain('31 ok');
    for (const command of ['status', 'plan']) {
      const { code, stdout, stderr } = await warehouse.run([command, '--source', 'other.ids']);
      expect([code, `${stdout}${stderr}`.includes('out of range')], command).toEqual([0, false]);
    }
  });

  test('a described day that is infinite, BC or beyond every time', async () => {
    await createRaw(warehouse, 'dated', { ids: [41, 42, 43, 44] });
    await warehouse.execute('alter table other.dated add day date');
    await warehouse.execute('update other.dated set day = timestamp::date');
    for (const [id, day] of [
      [41, 'infinity'],
      [42, '0044-03-15 BC'],
      [43, '5874897-12-31'],
    ])
      await warehouse.execute(`update other.dated set day = '${day}' where id = ${id} and ${BAD_DAY}`);
    await grantSource(warehouse, 'other.dated');
    const { report } = await refresh('other.dated day=day');
    expect(outcomesOf(report, 'bars')).toEqual(
      expect.arrayContaining(['41 ok', '42 failed', '43 ok', '44 ok']),
    );
    expect(reasonOf(report, 'bars', 42)).toMatch(/a row dated 0044-03-15 BC/);
  });

  describe('sources of other kinds', () => {
    /** By the source's name: its asset, and the table through which its row is corrected. */
    const KINDS: readonly [name: string, id: number, through: string][] = [
      ['partitioned', 51, 'partitioned_all'],
      ['inherited', 52, 'inherited_child'],
      ['view_of_views', 53, 'under_views'],
      ['foreign_union', 54, 'union_part'],
    ];
    const source = JSON.stringify({
      sources: Object.fromEntries(
        KINDS.map(([name]) => [
          name,
          { table: `other.${name}`, columns: { day: 'timestamp' }, day: 'close' },
        ]),
      ),
    });
    beforeAll(async () => {
      await createRaw(warehouse, 'partitioned', { ids: [51], tail: ' partition by range (timestamp)' });
      await createRaw(warehouse, 'inherited', { ids: [] });
      await warehouse.execute('create table other.inherited_child () inherits (other.inherited)');
      await createRaw(warehouse, 'feed', { ids: [52, 53, 54] });
      await warehouse.execute('insert into other.inherited_child select * from other.feed where id = 52');
      await warehouse.execute('create table other.under_views as select * from other.feed where id = 53');
      await warehouse.execute('create view other.view_one as select * from other.under_views order by close');
      await warehouse.execute(
        'create view other.view_of_views as select * from other.view_one where close > 0',
      );
      await warehouse.execute('create table other.union_part as select * from other.feed where id = 54');
      await warehouse.execute(
        `create view other.foreign_union as select * from other.union_part where timestamp < now() - interval '9 days'
         union all select * from other.union_part where timestamp >= now() - interval '9 days'`,
      );
      for (const [name] of KINDS) await grantSource(warehouse, `other.${name}`);
    });

    test('a correction through a partition, a child table, below a view of a view, in a part of a union: all are found', async () => {
      const first = await refresh(source);
      for (const [, id] of KINDS) expect(outcomesOf(first.report, 'bars')).toContain(`${id} ok`);
      for (const [, id, through] of KINDS)
        expect(
          await warehouse.execute(`update other.${through} ${CORRECTED} where id = ${id} and ${BAD_DAY}`),
        ).toBe(1);
      const { report } = await refresh(source);
      for (const [, id] of KINDS) expect(reasonOf(report, 'bars', id)).toMatch(/were corrected/);
      await expectExit(0, warehouse.run(['verify', '--source', source, '--ids', '51,52,53,54']));
    });

    test('a partition or a child table cannot be followed, and one sentence says so', async () => {
      await warehouse.execute(`grant usage on schema other to ${warehouse.roles?.owner}`);
      for (const name of ['partitioned', 'inherited']) {
        const { stdout } = await warehouse.run(['init', '--track-changes', '--source', `other.${name}`]);
        expect(stdout).toMatch(/fires? no trigger of it.*every run compares fingerprints/s);
      }
    });
  });

  describe('a table that is followed', () => {
    beforeAll(async () => {
      await createRaw(warehouse, 'followed', { ids: [61] });
      await warehouse.execute('alter table other.followed add primary key (id, timestamp)');
      await grantSource(warehouse, 'other.followed');
      await warehouse.execute(`grant usage on schema other to ${warehouse.roles?.owner}`);
      await warehouse.execute(`grant select, trigger on other.followed to ${warehouse.roles?.owner}`);
      await expectExit(0, warehouse.run(['init', '--track-changes', '--source', 'other.followed']));
      await refresh('other.followed');
    });

    test('whose triggers are switched off for good: every run compares', async () => {
      await warehouse.execute('alter table other.followed disable trigger user');
      await warehouse.execute(`update other.followed ${CORRECTED} where ${BAD_DAY}`);
      const { report } = await refresh('other.followed');
      expect(reasonOf(report, 'bars', 61)).toMatch(/were corrected/);
    });

    test('that is swapped for another one of its name: found by the next run', async () => {
      await warehouse.execute('create table other.swapped as select * from other.followed');
      await warehouse.execute(`update other.swapped ${CORRECTED} where ${BAD_DAY}`);
      await warehouse.execute('alter table other.followed rename to followed_before');
      await warehouse.execute('alter table other.swapped rename to followed');
      await grantSource(warehouse, 'other.followed');
      const { report } = await refresh('other.followed');
      expect(reasonOf(report, 'bars', 61)).toMatch(/were corrected/);
    });
  });

  test('MERGE into our own table, which updates, deletes and inserts at once: found by the next run', async () => {
    await warehouse.report(['refresh', '--bars', '--allow-late']);
    await warehouse.execute(
      `merge into cmc_price_histories7 p
       using (select id, timestamp, timestamp::date - (now() at time zone 'UTC')::date + 20 as place
              from cmc_price_histories7 where id = 1) n on p.id = n.id and p.timestamp = n.timestamp
       when matched and n.place = 0 then update set close = p.close + 1, high = p.high + 1
       when matched and n.place = 5 then delete`,
    );
    const { report } = await warehouse.report(['refresh', '--bars', '--allow-late']);
    expect(reasonOf(report, 'bars', 1)).toMatch(/repair/);
    expect(reasonOf(report, 'bars', 2)).not.toMatch(/repair/);
    await expectExit(0, warehouse.run(['verify', '--source', '--ids', '1,2']));
  });
});
