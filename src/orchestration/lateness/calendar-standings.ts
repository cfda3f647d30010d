/** When prices of assets are expected, in words: for `asset calendar` and `asset list`. */

import { formatDay } from '../../domain/calendar/day.js';
import { DEFAULT_GRACE, formatGrace, type LatenessState } from '../../domain/calendar/lateness.js';
import type { Expectations } from '../../domain/source/expectation.js';
import type { Tx } from '../../storage/session/database.js';
import { type AssetLateness, formatCalendar, readLateness } from './read-lateness.js';

/** The calendar of one active asset. */
export interface CalendarStanding {
  id: number;
  symbol: string | null;
  calendar: string;
  /** Where it was set: for the asset, for its source, or nowhere. */
  saidBy: 'asset' | 'source' | 'default';
  /** The source that it was read from last; null: there are no bars. */
  source: string | null;
  /** The grace of its source, as --late-after takes it; null: it has none of its own. */
  lateAfter: string | null;
  state: LatenessState;
  missingDays: number;
  /** All of it, for people. */
  words: string;
}

/** Calendars of these active assets (null: all), ascending by id. */
export async function readCalendarStandings(
  tx: Tx,
  ids: readonly number[] | null,
  expectations: Expectations,
): Promise<CalendarStanding[]> {
  const { assets } = await readLateness(tx, { ids, grace: DEFAULT_GRACE, source: null, expectations });
  return assets.map((asset) => ({
    id: asset.id,
    symbol: asset.symbol,
    calendar: formatCalendar(asset.calendar),
    saidBy: asset.calendar.saidBy,
    source: asset.source === '' ? null : asset.source,
    lateAfter: asset.isGraceOfSource ? formatGrace(asset.grace) : null,
    state: asset.state,
    missingDays: asset.missingDays,
    words: wordsOf(asset),
  }));
}

function wordsOf(asset: AssetLateness): string {
  const { calendar, state, missingDays, newestDay } = asset;
  const since = newestDay === null ? '' : ` since ${formatDay(newestDay)}`;
  const words: Readonly<Record<LatenessState, string>> = {
    none: 'no new day is expected',
    empty: 'it has no bar yet',
    level: 'no expected day is missing',
    due: `${missingDays} expected missing${since}, within the grace`,
    late: `late: ${missingDays} expected missing${since}`,
    ceased: `ceased: ${missingDays} expected missing${since}`,
  };
  return `${formatCalendar(calendar)}: ${words[state]}${formatOrigin(asset)}`;
}

/** Where it comes from, where that is the source: ' (source "stocks": XNYS, late after 2)'. */
function formatOrigin({ calendar, source, grace, isGraceOfSource }: AssetLateness): string {
  const said = [
    ...(calendar.saidBy === 'source' ? [calendar.calendar.name] : []),
    ...(isGraceOfSource ? [`late after ${formatGrace(grace)}`] : []),
  ];
  return said.length === 0 ? '' : ` (source "${source}": ${said.join(', ')})`;
}
