/** What the source and the days that are kept make of an asset up to the watermark of its 1D bars, by the rules that the bars were made by. */
import type { DailyState } from '../../domain/prices/daily-state.js';
import { JUDGING_VERSION, type JudgedPrices, judgePrices } from '../../domain/prices/price.js';
import { effectiveSplits, formatSplits } from '../../domain/prices/split.js';
import { hashInFormOf } from '../../domain/source/fingerprint.js';
import { readSplits } from '../../storage/assets/splits.js';
import { findOwner } from '../../storage/prices/extents.js';
import { readSourceRows } from '../../storage/prices/seen.js';
import type { Tx } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';
import { readAllDays } from './kept-days.js';

export interface JudgedSource {
  judged: JudgedPrices;
  /** The 1D state that goes with it; null: there is no row up to the watermark. */
  state: DailyState | null;
}

/** Reads and judges the rows of one asset up to a time, kept ones too, with the splits as recorded now; null: all up to now.
 * The fingerprint is in the form of `storedHash`. */
export async function judgeSource(
  tx: Tx,
  source: Source,
  { id, upToUs, storedHash = null }: { id: number; upToUs: number | null; storedHash?: string | null },
): Promise<JudgedSource> {
  const { part } = await findOwner(tx, source, id);
  const prices = (await readAllDays(tx, source, id)).filter(
    ({ timestampUs }) => timestampUs <= (upToUs ?? Number.POSITIVE_INFINITY),
  );
  const recorded = (await readSplits(tx, [id])).get(id) ?? [];
  const splits = effectiveSplits(recorded, prices.at(-1)?.timestampUs ?? null);
  const judged = judgePrices(prices, 1, { splits, rowsOf: part.rowsOf });
  const { bars } = judged;
  if (prices.length === 0) return { judged, state: null };
  const seen = await readSourceRows(tx, source, {
    id,
    upToUs: upToUs ?? (prices.at(-1)?.timestampUs as number),
  });
  return {
    judged,
    state: {
      lastSrcUs: prices.at(-1)?.timestampUs ?? null,
      dailyMinSeenUs: prices[0]?.timestampUs ?? null,
      firstDay: bars[0]?.day ?? null,
      lastDay: bars.at(-1)?.day ?? null,
      barSeq: bars.length,
      srcRows: seen.rows,
      srcHash: hashInFormOf(storedHash, seen),
      source: part.label,
      splits: formatSplits(splits),
      rules: JUDGING_VERSION,
    },
  };
}
