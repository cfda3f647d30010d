/** A law: the same days through every format are the same stored rows, and the same bars. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FORMATS } from '../../src/components/ingest/formats/list.js';
import { runBars } from '../support/component-runs.js';
import { makeDays } from '../support/files/days.js';
import { createFileFixture, type FileFixture } from '../support/files/fixture.js';
import { FILE_LAYOUTS } from '../support/files/layouts.js';

const DAYS = makeDays(40);
let fixture: FileFixture;

beforeAll(async () => {
  fixture = await createFileFixture();
});
afterAll(() => fixture.drop());

const rowsOf = (table: string, id: number, less: readonly string[]) =>
  fixture.database.read(async (tx) => {
    const rows = await tx.query<[string]>(
      `select (to_jsonb(t) - $2::text[])::text from ${table} as t where id = $1 order by 1`,
      [id, ['id', ...less]],
    );
    return rows.map(([row]) => row);
  });

const quoteOf = (id: number) =>
  fixture.database.read((tx) =>
    tx.query('select quote_currency, volume_in from dim_assets where id = $1', [id]),
  );

test('every format is among the layouts that are tried', () => {
  const tried = new Set(FILE_LAYOUTS.map(({ label }) => label));
  expect(FORMATS.map(({ label }) => label).filter((label) => !tried.has(label))).toEqual([]);
});

test('one file, all layouts, one history: rows and bars of all of them are equal', async () => {
  const ids = new Map<number, string>();
  for (const [index, { label, file, quote, write }] of FILE_LAYOUTS.entries()) {
    const id = 100 + index;
    const report = await fixture.load(file, write(DAYS), { id, acceptName: true });
    expect(report).toMatchObject({ file, label, newRows: DAYS.length, badLines: 0 });
    ids.set(id, file);
    expect(await quoteOf(id), file).toEqual([quote]);
    // Packed, it is the same: nothing of it is written again.
    const packed = await fixture.load(`${file}.gz`, gzipSync(write(DAYS)), { id, acceptName: true });
    expect(packed).toMatchObject({ file: `${file}.gz`, label, newRows: 0, changedRows: 0 });
  }
  await runBars(fixture.database, { ids: [...ids.keys()] });
  const [first = 0, ...others] = ids.keys();
  expect(await fixture.days(first)).toEqual(
    DAYS.map(({ day, open, high, low, close, volume }) => [day, open, high, low, close, volume]),
  );
  const stored = await rowsOf('cmc_price_bars_1d', first, ['src_file', 'src_load_ts']);
  const bars = await rowsOf('price_bars', first, []);
  expect(stored).toHaveLength(DAYS.length);
  expect(bars.length).toBeGreaterThan(30);
  for (const id of others) {
    expect(await fixture.days(id), ids.get(id)).toEqual(await fixture.days(first));
    expect(await rowsOf('cmc_price_bars_1d', id, ['src_file', 'src_load_ts']), ids.get(id)).toEqual(stored);
    expect(await rowsOf('price_bars', id, []), ids.get(id)).toEqual(bars);
  }
  // Tables that are described and read where they are say the same.
  await fixture.database.transaction(async (tx) => {
    await tx.execute(
      'create table days (coin int, t timestamptz, o float8, h float8, l float8, c float8, v float8)',
    );
    await tx.execute(
      `insert into days select 999, timeopen, open, high, low, close, volume from cmc_price_histories7 where id = $1`,
      [first],
    );
    await tx.execute(
      `create view closings as select 998 as id, extract(epoch from t + interval '24 h') * 1000 as day, o as open, h as high,
         l as low, c as close, v as volume from days`,
    );
  });
  for (const [id, source] of [
    [999, 'days id=coin day=t open=o high=h low=l close=c volume=v'],
    [998, 'closings unit=ms dated=close'],
  ] as const) {
    await runBars(fixture.database, { ids: [id], source });
    expect(await rowsOf('cmc_price_bars_1d', id, ['src_file', 'src_load_ts']), source).toEqual(stored);
    expect(await rowsOf('price_bars', id, []), source).toEqual(bars);
  }
  const rejects = await fixture.database.read((tx) => tx.query('select id from cmc_price_bars_1d_rejects'));
  expect(rejects).toEqual([]);
});
