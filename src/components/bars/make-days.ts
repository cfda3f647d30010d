/** What the source days of assets that are repaired make of them. */
import { dayOfUs } from '../../domain/calendar/day.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import type { BarFacts } from '../../domain/planning/plan.js';
import type { JudgedPrices } from '../../domain/prices/price.js';
import type { DailyStateRow } from '../../storage/bars/daily-bars.js';
import type { Tx } from '../../storage/session/database.js';
import { readPrices } from '../../storage/source/prices.js';
import type { Source } from '../../storage/source/source.js';
import { addKeptDays, storeKept } from '../writing/kept-days.js';
import type { WriteTally } from '../writing/write-tally.js';
import { type JudgedAsset, judgeAsset } from './judge-days.js';
import type { RepairStart } from './repair-starts.js';

/** An asset to repair: from a base, or (null) from its first day. */
export interface AssetToRepair {
  facts: BarFacts;
  start: RepairStart | null;
}

export interface RepairOptions {
  source: Source;
  /** Series of these are built where they are missing; every series that exists is repaired. */
  alignments: readonly BarAlignment[];
  tfs: readonly string[] | null;
  tally: WriteTally;
  /** Days that the source does not prove any more go. */
  acceptDeletions: boolean;
}

/** One asset: of all its days, or of those after its base. */
export interface MadeAsset {
  id: number;
  start: RepairStart | null;
  hasPrices: boolean;
  judged: JudgedPrices;
  /** After all days. */
  state: DailyStateRow;
  asset: JudgedAsset;
}

/** Reads and judges all days of these assets. */
export async function makeDays(
  tx: Tx,
  assets: readonly BarFacts[],
  { source, acceptDeletions, tally }: RepairOptions,
): Promise<MadeAsset[]> {
  if (assets.length === 0) return [];
  const rows = await readPrices(tx, source, { ids: assets.map(({ id }) => id), isFromStart: true });
  const made: MadeAsset[] = [];
  for (const facts of assets) {
    const { id } = facts;
    const prices = await addKeptDays(tx, facts, { prices: rows.get(id) ?? [], acceptDeletions });
    const { judged, state, asset } = judgeAsset({ facts, before: null }, prices);
    await storeKept(tx, facts, { kept: judged.kept, tally });
    made.push({ id, start: null, hasPrices: prices.length > 0, judged, state, asset });
  }
  return made;
}

/**
 * Reads and judges the days after the bases of those assets that start from one. An asset with another row on the last day
 * of its base is left out: which row of a day counts is judged with both.
 */
export async function makeSinceBases(
  tx: Tx,
  assets: readonly AssetToRepair[],
  { source }: RepairOptions,
): Promise<MadeAsset[]> {
  const starting = assets.flatMap(({ facts, start }) => (start === null ? [] : [{ facts, start }]));
  if (starting.length === 0) return [];
  const rows = await readPrices(tx, source, {
    ids: starting.map(({ facts }) => facts.id),
    afterUs: starting.map(({ start }) => start.base.lastSrcUs),
  });
  return starting.flatMap(({ facts, start }) => {
    const prices = rows.get(facts.id) ?? [];
    const [first] = prices;
    if (first !== undefined && dayOfUs(first.timestampUs) === dayOfUs(start.base.lastSrcUs)) return [];
    const made = judgeAsset({ facts, before: start.base }, prices);
    return [{ id: facts.id, start, hasPrices: true, ...made }];
  });
}
