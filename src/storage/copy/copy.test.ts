import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEmptyDatabase, type TestDatabase } from '../../../test/support/database.js';
import type { Tx } from '../session/database.js';
import { type CopyColumn, readRows, upsertRows, writeRows } from './copy.js';

interface Sample {
  id: number;
  big: number;
  price: number;
  flag: boolean;
  name: string | null;
  day: number;
  atUs: number;
  values: Float64Array;
  periods: number[];
}

const COLUMNS: readonly CopyColumn<Sample>[] = [
  { name: 'id', type: 'int4', get: (row) => row.id },
  { name: 'big', type: 'int8', get: (row) => row.big },
  { name: 'price', type: 'float8', get: (row) => row.price },
  { name: 'flag', type: 'bool', get: (row) => row.flag },
  { name: 'name', type: 'text', get: (row) => row.name },
  { name: 'day', type: 'date', get: (row) => row.day },
  { name: 'at', type: 'timestamptz', get: (row) => row.atUs },
  { name: 'vals', type: 'float8[]', get: (row) => row.values },
  { name: 'periods', type: 'int4[]', get: (row) => row.periods },
];
const TYPES = COLUMNS.map((column) => column.type);
const SELECT = `select ${COLUMNS.map((column) => column.name).join(', ')} from sample order by id`;

function sample(id: number): Sample {
  return {
    id,
    big: 2 ** 53 - 1 - id,
    price: id / 3,
    flag: id % 2 === 0,
    name: id % 3 === 0 ? null : `näme "${id}"`,
    day: id - 500,
    atUs: -62_135_596_800_000_000 + id * 86_400_000_001,
    values: Float64Array.from({ length: id % 5 }, (_, k) => k + 0.1 * id),
    periods: Array.from({ length: id % 4 }, (_, k) => k),
  };
}

let db: TestDatabase;

beforeAll(async () => {
  db = await createEmptyDatabase();
  await db.database.transaction((tx) =>
    tx.execute(`create table sample (id int primary key, big int8, price float8 check (price < 1e6), flag bool,
      name text, day date, at timestamptz, vals float8[], periods int[])`),
  );
});
afterAll(() => db.drop());

function inRollback(work: (tx: Tx) => Promise<void>): Promise<void> {
  const undo = new Error('undo');
  return db.database
    .transaction(async (tx) => {
      await work(tx);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    }) as Promise<void>;
}

describe('binary COPY', () => {
  test('every type comes back as it went, over many chunks', () =>
    inRollback(async (tx) => {
      const rows = Array.from({ length: 5000 }, (_, id) => sample(id));
      expect(await writeRows(tx, { table: 'sample', columns: COLUMNS }, rows)).toBe(5000);
      const cells = await readRows(tx, { select: SELECT, types: TYPES }, (row) => row);
      expect(cells).toEqual(rows.map((row) => COLUMNS.map((column) => column.get(row))));
    }));

  test('the server reads the same values as from text', () =>
    inRollback(async (tx) => {
      await writeRows(tx, { table: 'sample', columns: COLUMNS }, [
        { ...sample(7), atUs: 1_761_523_199_999_001, day: 20_387, price: -0 },
      ]);
      const rows = await tx.query('select at::text, day::text, price::text, vals::text, name from sample');
      expect(rows).toEqual([
        [
          '2025-10-26 23:59:59.999001+00',
          '2025-10-26',
          '0',
          '{0.7000000000000001,1.7000000000000002}',
          'näme "7"',
        ],
      ]);
    }));

  test('infinite timestamps keep their sign', () =>
    inRollback(async (tx) => {
      await writeRows(tx, { table: 'sample', columns: COLUMNS }, [
        { ...sample(1), atUs: Infinity },
        { ...sample(2), atUs: -Infinity },
      ]);
      expect(await tx.query('select at::text from sample order by id')).toEqual([
        ['infinity'],
        ['-infinity'],
      ]);
      const back = await readRows(
        tx,
        { select: 'select at from sample order by id', types: ['timestamptz'] },
        (row) => row[0],
      );
      expect(back).toEqual([Infinity, -Infinity]);
    }));

  test('an upsert writes new and changed rows only', () =>
    inRollback(async (tx) => {
      await writeRows(tx, { table: 'sample', columns: COLUMNS }, [sample(1), sample(2)]);
      const rows = [sample(1), { ...sample(2), price: 5 }, sample(3)];
      expect(await upsertRows(tx, 'sample', { columns: COLUMNS, key: ['id'], rows })).toHaveLength(2);
      expect(await tx.query('select id, price from sample order by id')).toEqual([
        [1, 1 / 3],
        [2, 5],
        [3, 1],
      ]);
    }));
});

describe('a COPY that fails', () => {
  test('a row that the server refuses is the server error, and the pool continues', async () => {
    const rows = Array.from({ length: 5000 }, (_, id) => ({ ...sample(id), price: id === 4000 ? 1e9 : 1 }));
    const write = db.database.transaction((tx) => writeRows(tx, { table: 'sample', columns: COLUMNS }, rows));
    await expect(write).rejects.toMatchObject({ code: '23514' });
    expect(await db.database.read((tx) => tx.query('select count(*) from sample'))).toEqual([[0]]);
  });

  test('rows that cannot be made leave nothing behind, and the pool continues', async () => {
    function* broken(): Generator<Sample> {
      for (let id = 0; id < 5000; id++) yield sample(id);
      throw new Error('no more rows');
    }
    const write = db.database.transaction((tx) =>
      writeRows(tx, { table: 'sample', columns: COLUMNS }, broken()),
    );
    await expect(write).rejects.toThrow('no more rows');
    expect(await db.database.read((tx) => tx.query('select count(*) from sample'))).toEqual([[0]]);
  });

  test('a reader that stops in the middle does not block the pool', async () => {
    const read = db.database.read((tx) =>
      readRows(tx, { select: 'select generate_series(1, 1000000)', types: ['int4'] }, (cells) => {
        if (cells[0] === 1000) throw new Error('enough');
      }),
    );
    await expect(read).rejects.toThrow('enough');
    expect(await db.database.read((tx) => tx.query('select 1'))).toEqual([[1]]);
  });
});
