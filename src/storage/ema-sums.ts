/** What the sums over an asset's series tell of its EMAs, and where the single series have to be looked at. */
import type { EmaAssetState } from '../domain/ema-series.js';
import type { Tx } from './database.js';
import { type BarWatermarks, readBarWatermarks, type Wanted } from './ema-series-facts.js';
import {
  type BarSum,
  type HashedTimeframe,
  isSameSet,
  readBarSums,
  readCarrySums,
  readHashedTimeframes,
  setOf,
  sumKey,
  type TimeframeSet,
} from './series-sums.js';

export interface EmaSums {
  /** By asset and alignment; no entry where no timeframe with bars is asked for. */
  bars: Map<string, BarWatermarks>;
  /** Assets and alignments whose carries are not just those that their bars and days call for. */
  strange: Set<string>;
  /** Those, and the ones that have closed bars which their carries have not taken in. */
  behind: Set<string>;
}

interface SumsScope extends Wanted {
  states: ReadonlyMap<string, { state: Pick<EmaAssetState, 'rowCount'> }>;
  shortestPeriod: number | null;
}

/** Reads them in one snapshot with what they are compared with. */
export async function readEmaSums(tx: Tx, scope: SumsScope): Promise<EmaSums> {
  const { ids, alignments, tfs } = scope;
  const timeframes = await readHashedTimeframes(tx, alignments);
  const barSums = await readBarSums(tx, ids, alignments);
  const carrySums = await readCarrySums(tx, ids, alignments);
  const [bars, strange, behind] = [new Map<string, BarWatermarks>(), new Set<string>(), new Set<string>()];
  const uneven = new Set<number>();
  for (const alignment of alignments) {
    const ofAlignment = timeframes.filter((each) => each.alignment === alignment);
    const withBars = ofAlignment.filter(hasBars);
    const withoutBars = ofAlignment.filter((each) => !hasBars(each));
    const isAsked = withBars.some(({ tf }) => tfs === null || tfs.includes(tf));
    const wholeSet = setOf(withBars);
    for (const id of ids) {
      const key = sumKey(id, alignment);
      const bar = barSums.get(key);
      const isWhole = isSameSet(bar?.series, wholeSet);
      const isLevel = bar === undefined || bar.oldestDay === bar.newestDay;
      if (!isWhole || (tfs !== null && !isLevel)) uneven.add(id);
      const newest = bar?.newestDay ?? null;
      if (isAsked) bars.set(key, { newest, newestAsked: newest, isUneven: !isLevel });
      const carry = carrySums.get(key);
      const rowCount = scope.states.get(key)?.state.rowCount ?? 0;
      const expected = carriesExpected(withoutBars, { bar, rowCount, shortestPeriod: scope.shortestPeriod });
      if (!isWhole || !isSameSet(carry?.series, expected)) strange.add(key);
      if (strange.has(key) || (carry?.takenBars ?? 0) !== (bar?.closedBars ?? 0)) behind.add(key);
    }
  }
  for (const [key, marks] of await readBarWatermarks(tx, { ids: [...uneven], alignments, tfs })) {
    bars.set(key, marks);
  }
  return { bars, strange, behind };
}

function hasBars({ alignment, tf }: HashedTimeframe): boolean {
  return alignment !== 'v2' && tf !== '1D';
}

/** Series with a closed bar have a carry; so have those fed by 1D rows alone, v2 once there are rows enough for its shortest period. */
function carriesExpected(
  withoutBars: readonly HashedTimeframe[],
  {
    bar,
    rowCount,
    shortestPeriod,
  }: { bar: BarSum | undefined; rowCount: number; shortestPeriod: number | null },
): TimeframeSet {
  const fed = setOf(
    withoutBars.filter((each) =>
      each.alignment === 'v2'
        ? shortestPeriod !== null && rowCount >= each.tfDays * shortestPeriod
        : rowCount >= 1,
    ),
  );
  const closed = bar?.closed ?? { count: 0, hash: 0n };
  return { count: fed.count + closed.count, hash: fed.hash ^ closed.hash };
}
