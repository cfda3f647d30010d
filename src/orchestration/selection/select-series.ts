import { UsageError } from '../../domain/text/errors.js';
import { readPeriods, readTimeframes } from '../../storage/assets/dimensions.js';
import type { Database } from '../../storage/session/database.js';

/** A series as people name it. */
export interface SeriesCombo {
  tf: string;
  period: number;
}

/** Which series a run is about; null or absent: all. */
export interface SeriesSelection {
  tfs?: readonly string[] | null;
  periods?: readonly number[] | null;
  combos?: readonly SeriesCombo[] | null;
}

/**
 * The timeframes that a selection comes to; null = all. A series has all periods or none, so periods choose nothing by
 * themselves: they are only checked. Throws UsageError naming what dim_timeframe or dim_period does not have.
 */
export async function selectTimeframes(
  database: Database,
  selection: SeriesSelection,
): Promise<readonly string[] | null> {
  const { tfs = null, periods = null, combos = null } = selection;
  if (tfs === null && periods === null && combos === null) return null;
  const known = await database.read(async (tx) => ({
    tfs: new Set((await readTimeframes(tx)).map(({ tf }) => tf)),
    periods: await readPeriods(tx),
  }));
  const wanted = [...new Set([...(tfs ?? []), ...(combos ?? []).map(({ tf }) => tf)])];
  for (const tf of wanted) {
    if (!known.tfs.has(tf))
      throw new UsageError(`no timeframe "${tf}" in dim_timeframe (examples: 7D, 1W_CAL_ISO, 3M_CAL)`);
  }
  for (const period of [...(periods ?? []), ...(combos ?? []).map((combo) => combo.period)]) {
    if (!known.periods.includes(period)) {
      throw new UsageError(`no period ${period} in dim_period, which has ${known.periods.join(', ')}`);
    }
  }
  return tfs === null && combos === null ? null : wanted;
}
