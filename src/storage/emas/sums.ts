/** What the headers of bars and EMAs say of an asset, and where the single series have to be looked at. */
import type { EmaAssetState } from '../../domain/emas/series.js';
import { alignmentKey } from '../series/series.js';
import {
  type BarSum,
  type CarrySum,
  type HashedTimeframe,
  isSameSet,
  setOf,
  type TimeframeSet,
} from '../series/sums.js';
import type { Tx } from '../session/database.js';
import { type BarWatermarks, readBarWatermarks, type Wanted } from './series-facts.js';

export interface EmaSums {
  /** By asset and alignment; no entry where no timeframe with bars is asked for. */
  bars: Map<string, BarWatermarks>;
  /** Assets and alignments whose carries are not just those that their bars and days call for. */
  strange: Set<string>;
  /** Those, and the ones that have closed bars which their carries have not taken in. */
  behind: Set<string>;
}

/** Sums over series, and the timeframes that there should be. */
export interface SeriesSums {
  timeframes: readonly HashedTimeframe[];
  bars: ReadonlyMap<string, BarSum>;
  carries: ReadonlyMap<string, CarrySum>;
}

interface SumsScope extends Wanted {
  sums: SeriesSums;
  states: ReadonlyMap<string, { state: Pick<EmaAssetState, 'rowCount'> }>;
  shortestPeriod: number | null;
}

/** Compares sums with what they should be, all of one snapshot; reads the single bar series where these leave something open. */
export async function readEmaSums(tx: Tx, scope: SumsScope): Promise<EmaSums> {
  const { ids, alignments, tfs } = scope;
  const { timeframes, bars: barSums, carries: carrySums } = scope.sums;
  const [bars, strange, behind] = [new Map<string, BarWatermarks>(), new Set<string>(), new Set<string>()];
  const uneven = new Set<number>();
  for (const alignment of alignments) {
    const ofAlignment = timeframes.filter((each) => each.alignment === alignment);
    const withBars = ofAlignment.filter(hasBars);
    const fedSets = new FedSets(
      ofAlignment.filter((each) => !hasBars(each)),
      scope.shortestPeriod,
    );
    const isAsked = withBars.some(({ tf }) => tfs === null || tfs.includes(tf));
    const wholeSet = setOf(withBars);
    for (const id of ids) {
      const key = alignmentKey(id, alignment);
      const bar = barSums.get(key);
      const isWhole = isSameSet(bar?.series, wholeSet);
      const isLevel = bar === undefined || bar.oldestDay === bar.newestDay;
      if (!isWhole || (tfs !== null && !isLevel)) uneven.add(id);
      const newest = bar?.newestDay ?? null;
      if (isAsked) bars.set(key, { newest, newestAsked: newest, isUneven: !isLevel });
      const carry = carrySums.get(key);
      const rowCount = scope.states.get(key)?.state.rowCount ?? 0;
      const expected = carriesExpected(bar, fedSets.of(rowCount));
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

/** Series with a closed bar have a carry; so have those fed by 1D rows alone. */
function carriesExpected(bar: BarSum | undefined, fed: TimeframeSet): TimeframeSet {
  if (bar === undefined) return fed;
  return { count: fed.count + bar.closed.count, hash: fed.hash ^ bar.closed.hash };
}

/** Timeframes that are fed by 1D rows alone, of which there have been so many. Many assets have the same number. */
class FedSets {
  readonly #timeframes: readonly HashedTimeframe[];
  readonly #shortestPeriod: number | null;
  readonly #known = new Map<number, TimeframeSet>();

  constructor(timeframes: readonly HashedTimeframe[], shortestPeriod: number | null) {
    this.#timeframes = timeframes;
    this.#shortestPeriod = shortestPeriod;
  }

  of(rowCount: number): TimeframeSet {
    const known = this.#known.get(rowCount);
    if (known !== undefined) return known;
    const fed = setOf(this.#timeframes.filter((each) => this.#isFed(each, rowCount)));
    this.#known.set(rowCount, fed);
    return fed;
  }

  /** v2 has a carry once there are rows enough for its shortest period. */
  #isFed({ alignment, tfDays }: HashedTimeframe, rowCount: number): boolean {
    if (alignment !== 'v2') return rowCount >= 1;
    return this.#shortestPeriod !== null && rowCount >= tfDays * this.#shortestPeriod;
  }
}
