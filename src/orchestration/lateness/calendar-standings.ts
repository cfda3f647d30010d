/** When prices of assets are expected, in words: for `asset calendar` and `asset list`. */
import { DEFAULT_GRACE, type LatenessState } from '../../domain/calendar/lateness.js';
import { formatDay } from '../../domain/day.js';
import type { Tx } from '../../storage/database.js';
import { type AssetLateness, formatCalendar, readLateness } from './read-lateness.js';

/** The calendar of one active asset. */
export interface CalendarStanding {
  id: number;
  symbol: string | null;
  calendar: string;
  state: LatenessState;
  missingDays: number;
  /** All of it, for people. */
  words: string;
}

/** Calendars of these active assets (null: all), ascending by id. */
export async function readCalendarStandings(
  tx: Tx,
  ids: readonly number[] | null,
): Promise<CalendarStanding[]> {
  const { assets } = await readLateness(tx, { ids, grace: DEFAULT_GRACE, source: null });
  return assets.map((asset) => ({
    id: asset.id,
    symbol: asset.symbol,
    calendar: formatCalendar(asset.calendar),
    state: asset.state,
    missingDays: asset.missingDays,
    words: wordsOf(asset),
  }));
}

function wordsOf({ calendar, state, missingDays, newestDay }: AssetLateness): string {
  const since = newestDay === null ? '' : ` since ${formatDay(newestDay)}`;
  const words: Readonly<Record<LatenessState, string>> = {
    none: 'no new day is expected',
    empty: 'it has no price yet',
    level: 'no expected day is missing',
    due: `${missingDays} expected missing${since}, within the grace`,
    late: `late: ${missingDays} expected missing${since}`,
    ceased: `ceased: ${missingDays} expected missing${since}`,
  };
  return `${formatCalendar(calendar)}: ${words[state]}`;
}
