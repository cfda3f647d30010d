/** A described table with an index on its id and its day: what is read of one asset is found by that index. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  assetsIn,
  countAfter,
  oneAsset,
  selectEnd,
  selectSource,
} from '../../../src/storage/source/select.js';
import { readSource } from '../../../src/storage/source/source.js';
import { createTestDatabase } from '../../support/database.js';

let made: Awaited<ReturnType<typeof createTestDatabase>>;

const COLUMNS = 'open float8, high float8, low float8, close float8';
/** Types that a day may have: how it is made of a date `d`, and how it is described. */
const KINDS = [
  ['date', 'd', ''],
  ['timestamp', 'd', ''],
  ['timestamptz', `d::timestamp at time zone 'UTC'`, ''],
  ['timestamptz', `d::timestamp at time zone 'Asia/Tokyo'`, ' zone=Asia/Tokyo'],
  ['int', `extract(epoch from d)::int`, ' unit=s'],
  ['bigint', `(extract(epoch from d) * 1000)::bigint`, ' unit=ms'],
  ['numeric', `extract(epoch from d) * 1000000`, ' unit=us'],
] as const;

beforeAll(async () => {
  made = await createTestDatabase();
  await made.database.transaction(async (tx) => {
    await tx.execute('create schema m');
    for (const [at, [type, day]] of KINDS.entries()) {
      await tx.execute(`create table m.t${at} (coin int, d ${type}, ${COLUMNS}, primary key (coin, d))`);
      await tx.execute(`insert into m.t${at} select coin, ${day}, 1, 2, 0.5, 1
        from generate_series(1, 20) coin, lateral (select date '2020-01-01' + n as d from generate_series(0, 1499) n) x`);
      await tx.execute(`analyze m.t${at}`);
    }
  });
});
afterAll(() => made?.drop());

test.each(KINDS.map(([type, , text], at) => [`${type}${text}`, at, text] as const))(
  'a day as %s: new days of one asset, its newest day, all of its days',
  async (_kind, at, text) => {
    await made.database.read(async (tx) => {
      const source = await readSource(tx, `m.t${at} id=coin day=d${text}`);
      const planOf = async (sql: string) =>
        (await tx.query<[string]>(`explain (analyze, buffers, costs off, timing off) ${sql}`))
          .map(([line]) => line)
          .join('\n');
      const after = `timestamptz '2024-02-01Z'`;
      const fresh = await planOf(selectSource(source, oneAsset('7'), after));
      // Both columns are conditions of the index: of 1,500 days only the newest are looked at.
      expect(fresh).toMatch(/Index Cond: .*coin.*\bd\b.*>=/);
      expect(fresh).not.toMatch(/Seq Scan/);
      const read = Number(/Index Scan[^\n]*rows=([\d.]+)/.exec(fresh)?.[1]);
      expect(read).toBeLessThan(30);
      // An end of the history is one row: a day must not cost what came before it.
      for (const end of ['oldest', 'newest'] as const) {
        const plan = await planOf(
          `select a.id, ${selectEnd(source, 'a.id', end)} from unnest('{7,9}'::int[]) a (id)`,
        );
        expect(plan).not.toMatch(/Sort/);
        for (const [, rows] of plan.matchAll(/Index Scan[^\n]*rows=([\d.]+)/g))
          expect(Number(rows)).toBeLessThan(2);
      }
      for (const sql of [
        `select ${countAfter(source, '7', after)}`,
        selectSource(source, assetsIn('array[7]')),
      ])
        expect(await planOf(sql)).toMatch(/Index (?:Only )?Scan|Bitmap Index Scan/);
    });
  },
);
