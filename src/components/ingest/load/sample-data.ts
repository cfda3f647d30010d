import { DAY_US, type Day, dayOfCivil } from '../../../domain/calendar/day.js';
import { UsageError } from '../../../domain/text/errors.js';
import { listOtherAssets, upsertAssets } from '../../../storage/assets/assets.js';
import { SAMPLE_SOURCE } from '../../../storage/assets/samples.js';
import {
  checkPricesWritable,
  type StagedPrice,
  upsertStagedPrices,
  writeStagedPrices,
} from '../../../storage/prices/staging.js';
import type { Database, Tx } from '../../../storage/session/database.js';

/** A made-up asset and the shape of its random walk. */
export interface SampleAsset {
  readonly id: number;
  readonly symbol: string;
  readonly name: string;
  readonly firstPrice: number;
  /** Standard deviation and mean of a day's relative change. */
  readonly volatility: number;
  readonly drift: number;
  readonly supply: number;
}

/**
 * Ids far above those that CoinMarketCap has given so far (about 40,000), so that no sample can be mistaken for a real
 * asset or be mixed with one; names and symbols say what they are.
 */
export const SAMPLE_ASSETS: readonly SampleAsset[] = [
  sampleAsset(900_001, 'Alpha', { firstPrice: 7200, volatility: 0.03, drift: 0.0012, supply: 19e6 }),
  sampleAsset(900_002, 'Bravo', { firstPrice: 130, volatility: 0.04, drift: 0.0014, supply: 120e6 }),
  sampleAsset(900_003, 'Charlie', { firstPrice: 0.19, volatility: 0.045, drift: 0.001, supply: 45e9 }),
  sampleAsset(900_004, 'Delta', { firstPrice: 1, volatility: 0.0008, drift: 0, supply: 80e9 }),
  sampleAsset(900_005, 'Echo', { firstPrice: 13.5, volatility: 0.045, drift: 0.001, supply: 155e6 }),
  sampleAsset(900_006, 'Foxtrot', { firstPrice: 0.033, volatility: 0.05, drift: 0.0013, supply: 35e9 }),
  sampleAsset(900_007, 'Golf', { firstPrice: 1.75, volatility: 0.055, drift: 0.0015, supply: 480e6 }),
  sampleAsset(900_008, 'Hotel', { firstPrice: 0.0000094, volatility: 0.06, drift: 0.0018, supply: 589e12 }),
];

function sampleAsset(
  id: number,
  word: string,
  walk: Omit<SampleAsset, 'id' | 'symbol' | 'name'>,
): SampleAsset {
  return { id, symbol: `SAMPLE-${word.charAt(0)}`, name: `SAMPLE ${word}`, ...walk };
}

/** Six years to a fixed date, and on to any later one: the same prices on every machine, whenever a day is made. */
export const SAMPLE_FIRST_DAY: Day = dayOfCivil(2020, 1, 1);
export const SAMPLE_LAST_DAY: Day = dayOfCivil(2025, 12, 31);

/** What real data have too: days that are missing, a day without a volume, a day with an impossible low time. */
const MISSING_DAYS: ReadonlyMap<number, readonly Day[]> = new Map([
  [900_003, [dayOfCivil(2022, 3, 10), dayOfCivil(2022, 3, 11), dayOfCivil(2022, 3, 12)]],
  [900_006, [dayOfCivil(2021, 7, 31), dayOfCivil(2024, 2, 29)]],
]);
const NULL_VOLUME = { id: 900_005, day: dayOfCivil(2023, 5, 17) };
const BAD_LOW_TIME = { id: 900_002, day: dayOfCivil(2022, 12, 14) };

/**
 * Puts the sample assets and their prices into the warehouse, in one transaction. Repeating it writes nothing.
 * `lastDay`: the newest day. `days` counts prices over all assets, `changed` those that were written. Throws UsageError when the price table is
 * not barwright's own, or when there are other assets.
 */
export async function writeSampleData(
  database: Database,
  lastDay: Day = SAMPLE_LAST_DAY,
): Promise<{ assets: number; days: number; changed: number }> {
  return database.transaction(async (tx) => {
    await checkPricesWritable(tx);
    await checkNothingElse(tx);
    await upsertAssets(
      tx,
      SAMPLE_ASSETS.map(({ id, symbol, name }) => ({ id, symbol, name })),
    );
    const days = await writeStagedPrices(tx, allSamplePrices(lastDay));
    const written = await upsertStagedPrices(tx, { sourceFile: SAMPLE_SOURCE, absent: [] });
    return { assets: SAMPLE_ASSETS.length, days, changed: written.newRows + written.changedRows };
  });
}

/** Samples and market prices never share a schema: a sum over all assets would mix the two. */
async function checkNothingElse(tx: Tx): Promise<void> {
  const [other] = await listOtherAssets(
    tx,
    SAMPLE_ASSETS.map(({ id }) => id),
  );
  if (other !== undefined)
    throw new UsageError(
      `the schema holds other assets than samples (ID ${other}): samples have a schema of their own, "barwright demo --schema NAME"`,
    );
}

function* allSamplePrices(lastDay: Day): Generator<StagedPrice> {
  for (const asset of SAMPLE_ASSETS) yield* samplePrices(asset, lastDay);
}

/** A sample day has all its prices. */
export type SamplePrice = StagedPrice & { open: number; high: number; low: number; close: number };

/** The days of one sample asset, oldest first: a geometric random walk, seeded with the asset's id. */
export function* samplePrices(asset: SampleAsset, lastDay: Day = SAMPLE_LAST_DAY): Generator<SamplePrice> {
  const random = mulberry32(asset.id);
  const missing = MISSING_DAYS.get(asset.id) ?? [];
  let open = asset.firstPrice;
  for (let day = SAMPLE_FIRST_DAY; day <= lastDay; day += 1) {
    const price = samplePrice(asset, { day, open, random });
    open = price.close;
    if (!missing.includes(day)) yield price;
  }
}

interface SampleStep {
  readonly day: Day;
  readonly open: number;
  readonly random: () => number;
}

/** One day from the last close on. Only + − × ÷ on doubles: every machine computes the same bits. */
function samplePrice(
  { id, firstPrice, volatility, drift, supply }: SampleAsset,
  { day, open, random }: SampleStep,
): SamplePrice {
  // Twelve uniform numbers have variance 1; a pull towards the first price keeps six years of walk in sight of it.
  const normal = Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  const pull = 0.0008 * (firstPrice / open - 1);
  const close = round(open * (1 + drift + Math.min(pull, 0.01) + volatility * normal));
  const high = round(Math.max(open, close) * (1 + volatility * random() * 0.6));
  const low = round(Math.min(open, close) * (1 - volatility * random() * 0.6));
  const startUs = day * DAY_US;
  const minuteUs = () => startUs + Math.floor(random() * 1440) * 60_000_000;
  const timeHighUs = minuteUs();
  const timeLowUs = minuteUs();
  const turnover = Math.round(supply * close * (0.02 + 0.08 * random()));
  return {
    id,
    line: day - SAMPLE_FIRST_DAY + 1,
    name: null,
    timeOpenUs: startUs,
    timeCloseUs: startUs + DAY_US - 1000,
    timeHighUs,
    timeLowUs: id === BAD_LOW_TIME.id && day === BAD_LOW_TIME.day ? timeLowUs + DAY_US : timeLowUs,
    timestampUs: startUs + DAY_US - 1000,
    open,
    high,
    low,
    close,
    volume: id === NULL_VOLUME.id && day === NULL_VOLUME.day ? null : turnover,
    marketCap: Math.round(supply * close),
    circulatingSupply: supply,
  };
}

function round(price: number): number {
  return Number(price.toPrecision(8));
}

/** Uniform numbers from 0 to below 1. mulberry32 by Tommy Ettinger (2017), public domain. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
