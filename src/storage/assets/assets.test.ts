import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { UsageError } from '../../domain/text/errors.js';
import type { Tx } from '../session/database.js';
import { readSource } from '../source/source.js';
import {
  findAsset,
  findAssetByName,
  findUnusableIds,
  listActiveIds,
  listAssets,
  upsertAssets,
  upsertSourceAssets,
} from './assets.js';

let fixture: TestDatabase;

beforeAll(async () => {
  fixture = await createTestDatabase();
});
afterAll(() => fixture.drop());
beforeEach(() =>
  run(async (tx) => {
    await tx.execute('truncate dim_assets, cmc_price_histories7');
    await upsertAssets(tx, [
      { id: 52, symbol: 'XRP', name: 'XRP' },
      { id: 1, symbol: 'BTC', name: 'Bitcoin' },
      { id: 825, symbol: null, name: null, assetClass: 'stablecoin' },
    ]);
    await tx.execute('update dim_assets set active = false where id = 52');
  }),
);

function run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return fixture.database.transaction(work);
}

test('assets are listed by id, the retired among them; "all" is the active ones', async () => {
  expect(await run(listAssets)).toEqual([
    { id: 1, symbol: 'BTC', name: 'Bitcoin', assetClass: 'crypto', isActive: true, quoteCurrency: null },
    { id: 52, symbol: 'XRP', name: 'XRP', assetClass: 'crypto', isActive: false, quoteCurrency: null },
    { id: 825, symbol: null, name: null, assetClass: 'stablecoin', isActive: true, quoteCurrency: null },
  ]);
  expect(await run(listActiveIds)).toEqual([1, 825]);
});

test('an asset is found by id and by name, whatever the case; a name that two have is a usage error', async () => {
  expect((await run((tx) => findAssetByName(tx, 'BITCOIN')))?.id).toBe(1);
  expect(await run((tx) => findAssetByName(tx, 'Bitcoin Cash'))).toBeNull();
  expect((await run((tx) => findAsset(tx, 52)))?.isActive).toBe(false);
  expect(await run((tx) => findAsset(tx, 53))).toBeNull();
  await run((tx) => upsertAssets(tx, [{ id: 2, symbol: null, name: 'bitcoin' }]));
  const ambiguous = run((tx) => findAssetByName(tx, 'Bitcoin'));
  await expect(ambiguous).rejects.toThrow(UsageError);
  await expect(ambiguous).rejects.toThrow('(1, 2): say which with --id');
});

test('a fact that is null leaves what is stored, an equal one writes nothing, another one changes it', async () => {
  const upsert = (name: string | null, symbol: string | null) =>
    run((tx) => upsertAssets(tx, [{ id: 52, symbol, name }]));
  expect(await upsert(null, null)).toBe(0);
  expect(await upsert('XRP', null)).toBe(0);
  expect(await upsert('Ripple', null)).toBe(1);
  expect(await run((tx) => upsertAssets(tx, [{ id: 825, symbol: 'USDT', name: null }]))).toBe(1);
  expect(await run(listAssets)).toMatchObject([
    {},
    { name: 'Ripple', symbol: 'XRP', isActive: false, quoteCurrency: null },
    { symbol: 'USDT', assetClass: 'stablecoin' },
  ]);
});

test('unknown ids and retired ids are distinguished', async () => {
  expect(await run((tx) => findUnusableIds(tx, [825, 9, 52, 1, 7, 9]))).toEqual({
    unknown: [7, 9],
    retired: [52],
  });
  expect(await run((tx) => findUnusableIds(tx, []))).toEqual({ unknown: [], retired: [] });
});

test('ids of the source that dim_assets lacks are registered once; ids below 1 and retired ones are left', async () => {
  const source = await run((tx) => readSource(tx, null));
  await run((tx) =>
    tx.execute(`insert into cmc_price_histories7 (id, timestamp)
      select id, day from unnest(array[-5, 0, 1, 3, 2, 52]) id, generate_series('2025-01-01', '2025-01-03', interval '1 day') day`),
  );
  expect(await run((tx) => upsertSourceAssets(tx, source))).toEqual([2, 3]);
  expect(await run((tx) => upsertSourceAssets(tx, source))).toEqual([]);
  expect(await run(listActiveIds)).toEqual([1, 2, 3, 825]);
});
