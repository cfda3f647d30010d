import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '../../../../test/support/database.js';
import { listAssets } from '../../../storage/assets/assets.js';
import { readStoredExtent } from '../../../storage/prices/staging.js';
import {
  SAMPLE_ASSETS,
  SAMPLE_FIRST_DAY,
  SAMPLE_LAST_DAY,
  samplePrices,
  writeSampleData,
} from './sample-data.js';

let fixture: Awaited<ReturnType<typeof createTestDatabase>>;

beforeAll(async () => {
  fixture = await createTestDatabase();
});
afterAll(async () => {
  await fixture.drop();
});

test('there are eight assets of six years, and each says that it is a sample', () => {
  expect(SAMPLE_ASSETS).toHaveLength(8);
  for (const asset of SAMPLE_ASSETS) {
    expect(asset.name).toMatch(/^SAMPLE /);
    expect(asset.symbol).toMatch(/^SAMPLE-/);
    expect([...samplePrices(asset)].length).toBeGreaterThan(2180);
  }
  expect(SAMPLE_LAST_DAY - SAMPLE_FIRST_DAY + 1).toBe(2192);
});

test('sample prices are in order: low <= open, close <= high, all positive, in a range that a chart can show', () => {
  for (const asset of SAMPLE_ASSETS) {
    const wrong = [...samplePrices(asset)].filter(({ open, high, low, close }) => {
      const isOrdered = low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close);
      return !isOrdered || close < asset.firstPrice / 1000 || close > asset.firstPrice * 1000;
    });
    expect(wrong).toEqual([]);
  }
});

test('the data are the same on every machine: the last close of each asset is this one', () => {
  const lastCloses = SAMPLE_ASSETS.map((asset) => [...samplePrices(asset)].at(-1)?.close);
  expect(lastCloses).toEqual([
    13978.237, 60.260499, 0.10474988, 0.96899378, 65.015783, 2.207565, 2.0283607, 0.0000097316036,
  ]);
});

test('writing twice writes once, with two gaps, a volume that is missing and a low time that is wrong', async () => {
  const first = await writeSampleData(fixture.database);
  expect(first).toEqual({ assets: 8, days: 8 * 2192 - 5, changed: 8 * 2192 - 5 });
  expect(await writeSampleData(fixture.database)).toEqual({ ...first, changed: 0 });
  await fixture.database.read(async (tx) => {
    expect((await listAssets(tx)).map((asset) => asset.name)).toEqual(
      SAMPLE_ASSETS.map((asset) => asset.name),
    );
    expect(await readStoredExtent(tx, 900_003, 9)).toMatchObject({ gapDays: 3, firstGaps: [{}] });
    expect(await readStoredExtent(tx, 900_006, 9)).toMatchObject({ gapDays: 2, firstGaps: [{}, {}] });
    const odd = await tx.query(
      'select id, volume is null, timelow > timeclose from cmc_price_histories7 where volume is null or timelow > timeclose order by id',
    );
    expect(odd).toEqual([
      [900_002, false, true],
      [900_005, true, false],
    ]);
  });
});
