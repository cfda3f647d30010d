/** The snapshot views give every value that stepBars gives, on the embedded server and on a second one. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tx } from '../../src/storage/session/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { historyShapes } from '../support/histories.js';
import {
  differencesOf,
  RICH_SHAPE,
  readSnapshots,
  SNAPSHOT_COLUMNS,
  type Snapshot,
  writeHistory,
} from '../support/snapshots.js';

/** Closed bars that are not, in every shared column, the snapshot of their closing day; and snapshots without their bar. */
async function countUnequalBars(tx: Tx, id: number): Promise<number> {
  const shared = `id, tf, tf_days, bar_seq, time_open, time_close, time_high, time_low, open, high, low, close, volume,
    market_cap, is_partial_start, count_days, count_days_remaining, count_missing_days, first_missing_day,
    last_missing_day`;
  const rows = await tx.query<[number]>(
    `with stored as (select alignment::text as alignment, ${shared} from price_bars where id = $1),
       shown as (select alignment, ${shared} from price_bars_daily where id = $1 and not is_partial_end)
     select (select count(*) from (select * from stored except all select * from shown) q)
       + (select count(*) from (select * from shown except all select * from stored) q)`,
    [id],
  );
  return rows[0]?.[0] ?? Number.NaN;
}

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: TestDatabase;
  let newId = 0;
  const nextId = (): number => {
    newId += 1;
    return newId;
  };

  beforeAll(async () => {
    warehouse = await createTestDatabase(options);
  });
  afterAll(async () => {
    await warehouse?.drop();
  });

  test('each day shows the bar that a history ending on that day has, in every timeframe, up to its watermark', async () => {
    await fc.assert(
      fc.asyncProperty(historyShapes(fc.integer({ min: 1, max: 110 })), async (shape) => {
        const { id, snapshots, latest } = await writeHistory(warehouse.database, nextId(), shape);
        await warehouse.database.read(async (tx) => {
          expect(
            differencesOf(snapshots, await readSnapshots(tx, 'price_bars_daily where id = $1', [id])),
          ).toEqual([]);
          expect(await countUnequalBars(tx, id)).toBe(0);
          const newest = await readSnapshots(
            tx,
            '(select *, null as bar_anchor_offset from bars_latest) b where id = $1',
            [id],
          );
          const expected = latest.map((snapshot) => ({ ...snapshot, bar_anchor_offset: null }));
          expect(differencesOf(expected, newest)).toEqual([]);
        });
      }),
      { numRuns: 10 },
    );
  });

  test('a bar whose last day is missing ends on its last present day once a later row exists', async () => {
    const { id } = await writeHistory(warehouse.database, nextId(), RICH_SHAPE);
    const rows = await warehouse.database.read((tx) =>
      tx.query<[boolean]>(
        `select bool_and(not is_partial_end) from (
           select distinct on (alignment, tf, bar_seq) is_partial_end, count_days_remaining,
             lead(bar_seq) over (partition by alignment, tf order by bar_seq, time_close) as next_seq
           from price_bars_daily where id = $1 and alignment <> 'multi_tf'
           order by alignment, tf, bar_seq, time_close desc) q
         where count_days_remaining > 0 and next_seq is not null`,
        [id],
      ),
    );
    expect(rows).toEqual([[true]]);
  });

  test('bar_series gives the days from one to another, both included, of the first alignment with this timeframe', async () => {
    const { id, snapshots } = await writeHistory(warehouse.database, nextId(), { ...RICH_SHAPE, seed: 21 });
    const dayOf = (snapshot: Snapshot): number => Math.floor(Number(snapshot.time_close) / 86_400_000_000);
    const date = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
    type Case = [string, string, string | null, number | null, number | null];
    const cases: Case[] = [
      ['multi_tf', '7D', null, null, null],
      ['multi_tf', '30D', null, 16_480, 16_500],
      ['cal_us', '1M_CAL', null, 16_470, null],
      ['cal_iso', '1M_CAL', 'cal_iso', null, 16_520],
      ['cal_anchor_us', '3M_CAL_ANCHOR', null, 16_470, 16_475],
      ['cal_iso', '2W_CAL_ISO', null, 16_500, 16_400],
      // Every single day, so every first and last day of a bar too.
      ...snapshots
        .filter(({ tf }) => tf === '7D')
        .map(dayOf)
        .map((day): Case => ['multi_tf', '7D', null, day, day]),
    ];
    for (const [alignment, tf, asked, from, to] of cases) {
      const expected = snapshots.filter(
        (snapshot) =>
          snapshot.alignment === alignment &&
          snapshot.tf === tf &&
          dayOf(snapshot) >= (from ?? 0) &&
          dayOf(snapshot) <= (to ?? Number.POSITIVE_INFINITY),
      );
      const range = [from === null ? null : date(from), to === null ? null : date(to)];
      const found = await warehouse.database.read((tx) =>
        readSnapshots(tx, 'bar_series($1, $2, $3, $4, $5)', [id, tf, ...range, asked]),
      );
      expect(differencesOf(expected, found)).toEqual([]);
    }
  });

  test('bars_between gives every series from one day to another, both included', async () => {
    const { id, snapshots } = await writeHistory(warehouse.database, nextId(), { ...RICH_SHAPE, seed: 23 });
    const dayOf = (snapshot: Snapshot): number => Math.floor(Number(snapshot.time_close) / 86_400_000_000);
    const date = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
    for (const [from, to] of [
      [null, null],
      [16_470, null],
      [null, 16_480],
      [16_475, 16_475],
      [16_500, 16_400],
    ] as const) {
      const expected = snapshots.filter(
        (snapshot) => dayOf(snapshot) >= (from ?? 0) && dayOf(snapshot) <= (to ?? Number.POSITIVE_INFINITY),
      );
      const range = [from, to].map((day) => (day === null ? null : date(day)));
      const found = await warehouse.database.read((tx) =>
        readSnapshots(tx, 'bars_between($2, $3) where id = $1', [id, ...range]),
      );
      expect(found).toHaveLength(expected.length);
      expect(differencesOf(expected, found)).toEqual([]);
    }
  });

  test('bar_series works whatever the search path is, and names an alignment that does not exist', async () => {
    const { id } = await writeHistory(warehouse.database, nextId(), { ...RICH_SHAPE, seed: 22 });
    const { database } = warehouse;
    const rows = await database.read(async (tx) => {
      await tx.execute('set local search_path = pg_catalog');
      return tx.query(`select close from ${database.schema}.bar_series($1, '7D')`, [id]);
    });
    expect(rows.length).toBeGreaterThan(0);
    const wrong = database.read((tx) =>
      tx.query(`select close from bar_series($1, '7D', null, null, 'lunar')`, [id]),
    );
    await expect(wrong).rejects.toThrow(/lunar/);
  });

  test('the views have the documented columns in the documented order', async () => {
    const rows = await warehouse.database.read((tx) =>
      tx.query<[string, string]>(
        `select c.relname::text, string_agg(a.attname, ' ' order by a.attnum)
         from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relkind = 'v' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0
         group by c.relname`,
      ),
    );
    const columns = new Map(rows);
    expect(columns.get('price_bars_daily')).toBe(SNAPSHOT_COLUMNS.join(' '));
    for (const suffix of ['', '_cal_us', '_cal_iso', '_cal_anchor_us', '_cal_anchor_iso']) {
      const hidden = ['alignment', ...(suffix.startsWith('_cal_anchor') ? [] : ['bar_anchor_offset'])];
      const expected = SNAPSHOT_COLUMNS.slice(0, -1).filter((name) => !hidden.includes(name));
      expect(columns.get(`cmc_price_bars_multi_tf${suffix}`)).toBe(
        [...expected, 'ingested_at', 'day'].join(' '),
      );
    }
  });
});
