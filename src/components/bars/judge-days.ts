/** 1D bars of a batch: reads new source days, judges them, writes bars, rejects and state. */
import { calendarOfWeekdays, EVERY_DAY, listExpected } from '../../domain/calendar/calendar.js';
import { type Day, dayOfUs, formatDay } from '../../domain/calendar/day.js';
import { countWeekdays, learnWeekdays } from '../../domain/calendar/learn.js';
import type { BarFacts } from '../../domain/planning/plan.js';
import type { DailyState } from '../../domain/prices/daily-state.js';
import { columnsOfBars, type DayColumns } from '../../domain/prices/days.js';
import { nameRejects } from '../../domain/prices/name-rejects.js';
import {
  type DailyPrice,
  JUDGING_VERSION,
  type JudgedPrices,
  judgePrices,
} from '../../domain/prices/price.js';
import { effectiveSplits, formatSplits } from '../../domain/prices/split.js';
import type { Expectations } from '../../domain/source/expectation.js';
import type { SourceExtent } from '../../domain/source/extent.js';
import { joinRows, type SourceRows } from '../../domain/source/fingerprint.js';
import {
  type DailyBarRow,
  type DailyStateRow,
  type RejectRow,
  upsertDailyStates,
  writeDailyBars,
  writeRejects,
} from '../../storage/bars/daily-bars.js';
import { type AssetCalendar, LEARNING, readCalendars } from '../../storage/calendars/calendars.js';
import type { Tx } from '../../storage/session/database.js';
import { readPrices } from '../../storage/source/prices.js';
import type { Source } from '../../storage/source/source.js';
import { addKeptDays, storeKept } from '../writing/kept-days.js';
import { bookWrites, type WriteTally } from '../writing/write-tally.js';

/** What became of an asset's new source days. */
export interface JudgedAsset {
  rejects: number;
  repairs: number;
  /** Days without a bar, among the days of this run, on which the asset's calendar expects one. */
  gaps: number;
  bars: number;
  firstDay: Day | null;
  lastDay: Day | null;
  /** The newest rows that were refused or repaired, a few of them. */
  named: string[];
  /** Days of rows that the source has more than once, by the same time. */
  doubled: Day[];
  /** The newest new day, where it was taken though it was never loaded again after it was over. */
  unconfirmed: Day | null;
  /** The new days as columns; null when none was accepted. */
  days: DayColumns | null;
}

/** An asset with the state to continue from; null from the first source day. */
export interface AssetToJudge {
  facts: BarFacts;
  before: DailyState | null;
}

/** The source days of each asset that follow on what it has; all of them, and what is kept, where it continues from nothing. */
export async function readDaysToJudge(
  tx: Tx,
  source: Source,
  { assets, acceptDeletions }: { assets: readonly AssetToJudge[]; acceptDeletions: boolean },
): Promise<Map<number, DailyPrice[]>> {
  const idsOf = (isFromStart: boolean) =>
    assets.filter(({ before }) => (before === null) === isFromStart).map(({ facts }) => facts.id);
  const found = new Map<number, DailyPrice[]>();
  for (const isFromStart of [true, false]) {
    const ids = idsOf(isFromStart);
    if (ids.length === 0) continue;
    for (const [id, prices] of await readPrices(tx, source, { ids, isFromStart })) found.set(id, prices);
  }
  for (const { facts, before } of assets) {
    if (before !== null) continue;
    const prices = found.get(facts.id) ?? [];
    found.set(facts.id, await addKeptDays(tx, facts, { prices, acceptDeletions }));
  }
  return found;
}

interface DaysToJudge {
  /** By asset, in order. */
  prices: ReadonlyMap<number, DailyPrice[]>;
  expectations: Expectations;
  tally: WriteTally;
}

/** Takes the new source days of these assets into their 1D bars. Needs facts with a source extent. */
export async function judgeDays(
  tx: Tx,
  assets: readonly AssetToJudge[],
  { prices, expectations, tally }: DaysToJudge,
): Promise<Map<number, JudgedAsset>> {
  const judged = new Map<number, JudgedAsset>();
  if (assets.length === 0) return judged;
  const ids = assets.map(({ facts }) => facts.id);
  const calendars = new Map((await readCalendars(tx, ids, expectations)).map((each) => [each.id, each]));
  const bars: DailyBarRow[] = [];
  const rejects: RejectRow[] = [];
  const states: DailyStateRow[] = [];
  for (const asset of assets) {
    const { id } = asset.facts;
    const result = judgeAsset(asset, prices.get(id) ?? []);
    for (const bar of result.judged.bars) bars.push({ id, bar });
    for (const reject of result.judged.rejects) rejects.push({ id, reject });
    states.push(result.state);
    if (asset.before === null) await storeKept(tx, asset.facts, { kept: result.judged.kept, tally });
    const gaps = countGaps(asset.before?.lastDay ?? null, result.judged, calendars.get(id));
    judged.set(id, { ...result.asset, gaps });
  }
  bookWrites(tally, 'cmc_price_bars_1d', { rows: bars, written: await writeDailyBars(tx, bars) });
  bookWrites(tally, 'price_rejects', { rows: rejects, written: await writeRejects(tx, rejects) });
  bookWrites(tally, 'cmc_price_bars_1d_state', {
    rows: states,
    written: await upsertDailyStates(tx, states),
  });
  return judged;
}

/** Judges source days that follow on `before`: what they become, the state after them, and what to say of them. */
export function judgeAsset({ facts, before }: AssetToJudge, prices: readonly DailyPrice[]) {
  const { id, source } = facts;
  if (source === null) throw new Error(`id ${id}: its source was not looked at`);
  const src = sourceRows(facts.daily, source);
  const ends = endsOf(before, source, prices);
  const splits = effectiveSplits(facts.splits, ends.lastSrcUs);
  const judged = judgePrices(prices, (before?.barSeq ?? 0) + 1, { splits, rowsOf: source.rowsOf });
  const { bars } = judged;
  const firstDay = before?.firstDay ?? bars[0]?.day ?? null;
  const lastDay = bars.at(-1)?.day ?? before?.lastDay ?? null;
  const count = countRejects(judged);
  const state: DailyStateRow = {
    id,
    ...ends,
    firstDay,
    lastDay,
    barSeq: (before?.barSeq ?? 0) + bars.length,
    srcRows: src.rows,
    srcHash: src.hash,
    source: source.relation,
    splits: formatSplits(splits),
    rules: JUDGING_VERSION,
    upserted: bars.length,
    repairedTimeHigh: bars.filter((bar) => bar.repairedTimeHigh).length,
    repairedTimeLow: bars.filter((bar) => bar.repairedTimeLow).length,
    rejected: count.rejects,
  };
  const asset: JudgedAsset = {
    ...count,
    named: nameRejects(judged.rejects),
    gaps: 0,
    bars: bars.length,
    firstDay,
    lastDay,
    doubled: listDoubled(prices),
    unconfirmed: findUnconfirmed(judged),
    days: firstDay === null || bars.length === 0 ? null : columnsOfBars(bars, firstDay),
  };
  return { judged, state, asset };
}

/** Oldest and newest row: of all that were given, kept ones too, or with what went before. */
function endsOf(
  before: DailyState | null,
  { minUs, maxUs }: SourceExtent,
  prices: readonly DailyPrice[],
): Pick<DailyState, 'lastSrcUs' | 'dailyMinSeenUs'> {
  if (before === null)
    return { lastSrcUs: prices.at(-1)?.timestampUs ?? null, dailyMinSeenUs: prices[0]?.timestampUs ?? null };
  return {
    lastSrcUs: Math.max(before.lastSrcUs ?? Number.NEGATIVE_INFINITY, maxUs ?? Number.NEGATIVE_INFINITY),
    dailyMinSeenUs: Math.min(
      before.dailyMinSeenUs ?? Number.POSITIVE_INFINITY,
      minUs ?? Number.POSITIVE_INFINITY,
    ),
  };
}

/** All source rows up to now: those up to the watermark (as before where nothing was noted) and the new ones. */
function sourceRows(daily: DailyState | null, { seen, fresh }: SourceExtent): SourceRows {
  const before = daily === null ? { rows: 0, hash: '0' } : { rows: daily.srcRows, hash: daily.srcHash };
  return joinRows(seen ?? before, fresh);
}

/** Days with two rows of one time: a source with a key has none. */
function findUnconfirmed({ bars }: JudgedPrices): Day | null {
  const last = bars.at(-1);
  const isEarly = last !== undefined && last.srcLoadTsUs !== null && last.srcLoadTsUs <= last.timeCloseUs;
  return isEarly ? last.day : null;
}

/** What to say of a newest day that was taken as it is; null: nothing. */
export function describeUnconfirmed(id: number, { unconfirmed }: JudgedAsset): string | null {
  if (unconfirmed === null) return null;
  return `ID ${id}: ${formatDay(unconfirmed)} was loaded before it was over and not again: it counts as it is, and is marked "unconfirmed"`;
}

function listDoubled(prices: readonly DailyPrice[]): Day[] {
  const doubled = prices.filter(({ timestampUs }, index) => timestampUs === prices[index - 1]?.timestampUs);
  return [...new Set(doubled.map(({ timestampUs }) => dayOfUs(timestampUs)))];
}

const MOST_DAYS = 5;

/** What to say of rows that are there more than once; null: there is none. */
export function describeDoubled(id: number, { doubled }: JudgedAsset): string | null {
  if (doubled.length === 0) return null;
  const days = doubled.slice(0, MOST_DAYS).map(formatDay).join(', ');
  const more = doubled.length > MOST_DAYS ? ` and ${doubled.length - MOST_DAYS} more` : '';
  return (
    `ID ${id}: the source has rows more than once, with the same time: ${days}${more}; of each the one that was loaded ` +
    'last counts. Take the others out, or read a view with one row a day'
  );
}

function countRejects({ rejects }: JudgedPrices): { rejects: number; repairs: number } {
  const rejected = rejects.filter(({ action }) => action === 'rejected').length;
  return { rejects: rejected, repairs: rejects.filter(({ action }) => action === 'repaired').length };
}

/**
 * Expected days without a bar from the day after `previous` (or the first new bar) to the last new bar. An asset of which nothing
 * is learnt yet is judged by the weekdays of these bars.
 */
function countGaps(previous: Day | null, { bars }: JudgedPrices, known: AssetCalendar | undefined): number {
  const first = bars[0]?.day;
  const last = bars.at(-1)?.day;
  if (first === undefined || last === undefined) return 0;
  const days = bars.map(({ day }) => day);
  const isToLearn = known === undefined || (LEARNING.includes(known.past.name) && known.weekdays === null);
  const learnt = isToLearn ? learnWeekdays(countWeekdays(days)) : null;
  const calendar =
    isToLearn || known === undefined ? calendarOfWeekdays('learnt', learnt ?? EVERY_DAY) : known.past;
  const present = new Set(days);
  return listExpected(calendar, previous ?? first - 1, last).filter((day) => !present.has(day)).length;
}
