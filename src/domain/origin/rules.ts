/** Where the system that this one replaces goes by other rules, by name, and which rule a cell is about. */
import type { Alignment, Timeframe } from '../calendar/timeframe.js';
import type { Revision } from './given.js';
import { hasOtherWindows } from './windows.js';

/** Known differences of the origin, by name. Each predicts its values: what it does not predict is unexplained. */
export const KNOWN_DIFFERENCES = {
  null_amount: 'a day whose volume or market cap is NULL is no day there',
  null_time: 'a time of high or low that is NULL counts as wrong there, and takes its price with it',
  rows_numbered: 'bar_seq counts rows there that are no bars, or no windows that are empty',
  other_days: 'a row that one side refuses is a day of the other',
  raw_rows: 'bars there are made of rows as delivered, and put between open and close afterwards',
  splits: 'prices there are as delivered, not in the unit since a split that is recorded here',
  last_day_missing: 'a calendar bar whose last scheduled day is missing stays open there',
  anchored_months:
    'groups of anchored months that do not divide a year begin again each year there, and overlap',
  null_columns: 'columns that its builders leave NULL',
  opens_at_last_close: 'a bar opens there when the day before it closed, also when days are missing',
  missing_days: 'missing days are counted and placed otherwise there, or not looked for',
  one_day_more: 'count_days of aligned ISO bars is one too high there',
  days_remaining:
    'the days that a bar still has are counted otherwise there when it began, or has, days missing',
  partial_flags: 'is_partial_start says there that a bar has fewer days than its window',
  day_of_market_cap: 'market_cap is that of the day there, NULL when that is NULL',
  repair_flags: 'a price that is dropped with its time is not flagged there',
  bar_as_ema: 'ema of multi_tf is there what ema_bar is here, and so are its differences',
  chained_bar: 'ema_bar chains from day to day there between two closes, with the weight of a day',
  root_alpha: 'the weight of a day is 1 - (1 - a)^(1/n) there in anchored EMAs',
  rows_before_seed: 'anchored EMAs have rows of NULL there before their first value',
} as const;
export type KnownDifference = keyof typeof KNOWN_DIFFERENCES;

/** The names in their order: a set of them is a number, bit by bit. */
export const DIFFERENCE_NAMES = Object.keys(KNOWN_DIFFERENCES) as KnownDifference[];

/** The bit of a name in such a set. */
export function bitOf(name: KnownDifference): number {
  return 1 << DIFFERENCE_NAMES.indexOf(name);
}

/** What is known of a series when a cell of it is to be explained. */
export interface SeriesFacts {
  kind: 'daily' | 'bars' | 'emas';
  timeframe: Timeframe;
  revision: Revision;
  /** Splits that our prices were put into the unit of. */
  hasSplits: boolean;
}

const COUNTS =
  /^(is_missing_days|count_missing_days.*|missing_days_where|first_missing_day|last_missing_day)$/;
/** The day of an extreme is another one, when days before a split are in another unit. */
const EXTREME_TIMES = /^time_(high|low)$/;
const PRICES = /^(open|high|low|close|volume)$/;

/** The rule that explains a column, when theirs is what the rule says; `isNull`: theirs is NULL. */
export function ruleOf(facts: SeriesFacts, column: string, isNull: boolean): KnownDifference {
  if (facts.kind === 'emas') return ruleOfEma(facts, column, isNull);
  if (facts.hasSplits && (PRICES.test(column) || EXTREME_TIMES.test(column))) return 'splits';
  if (column === 'bar_seq' && !hasOtherWindows(facts.timeframe)) return 'rows_numbered';
  if (facts.kind === 'daily' || facts.timeframe.tf === '1D') return ruleOfDay(column);
  if (hasOtherWindows(facts.timeframe) && !(isNull && facts.revision === 'cmc')) return 'anchored_months';
  return ruleOfBar(facts, column, isNull);
}

function ruleOfDay(column: string): KnownDifference {
  if (column === 'repaired_high' || column === 'repaired_low') return 'repair_flags';
  return 'null_time';
}

function ruleOfBar({ timeframe, revision }: SeriesFacts, column: string, isNull: boolean): KnownDifference {
  if (column === 'market_cap' && revision === 'head') return 'day_of_market_cap';
  if (isNull && !PRICES.test(column)) return 'null_columns';
  if (COUNTS.test(column)) return 'missing_days';
  switch (column) {
    case 'time_open':
    case 'time_open_bar':
    case 'time_close_bar':
      return 'opens_at_last_close';
    case 'count_days':
      return timeframe.alignment === 'cal_iso' ? 'one_day_more' : 'other_days';
    case 'count_days_remaining':
      return 'days_remaining';
    case 'is_partial_start':
      return 'partial_flags';
    case 'is_partial_end':
      return 'last_day_missing';
    default:
      return 'raw_rows';
  }
}

function ruleOfEma(
  { timeframe, revision, hasSplits }: SeriesFacts,
  column: string,
  isNull: boolean,
): KnownDifference {
  if (hasOtherWindows(timeframe)) return 'anchored_months';
  if (isNull && revision === 'cmc' && isAnchored(timeframe.alignment)) return 'rows_before_seed';
  if (hasSplits && revision === 'head') return 'splits';
  if (column === 'roll' || column === 'roll_bar' || revision === 'head') return 'last_day_missing';
  if (timeframe.alignment === 'multi_tf') return 'bar_as_ema';
  if (timeframe.alignment === 'v2') return hasSplits ? 'splits' : 'other_days';
  if (isAnchored(timeframe.alignment)) return 'root_alpha';
  if (column.endsWith('_bar')) return 'chained_bar';
  return hasSplits ? 'splits' : 'last_day_missing';
}

function isAnchored(alignment: Alignment): boolean {
  return alignment.startsWith('cal_anchor');
}

/** The rule that explains that a row is on one side only. */
export function ruleOfRow({ kind, timeframe, revision }: SeriesFacts, isTheirs: boolean): KnownDifference {
  if (hasOtherWindows(timeframe)) return 'anchored_months';
  if (kind === 'daily') return isTheirs ? 'other_days' : 'null_amount';
  if (kind === 'emas' && isTheirs && revision === 'cmc' && isAnchored(timeframe.alignment))
    return 'rows_before_seed';
  if (kind === 'emas' && timeframe.alignment.startsWith('cal')) return 'last_day_missing';
  return isTheirs ? 'other_days' : 'null_amount';
}
