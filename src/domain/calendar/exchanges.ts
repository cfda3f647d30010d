/** Calendars of exchanges, by MIC, from the table that ships with the package. */

import { type Calendar, MONDAY_TO_FRIDAY } from './calendar.js';
import { type Day, parseDay } from './day.js';
import { EXCHANGE_TABLE } from './exchange-table.js';

/** Days that a user adds to the calendar of an exchange. */
export interface AddedDays {
  closed: readonly Day[];
  opened: readonly Day[];
}

const ROWS = new Map(EXCHANGE_TABLE.map((row) => [row[0] ?? '', row]));

/** The MICs that have a calendar, ascending. */
export function listExchanges(): string[] {
  return [...ROWS.keys()].sort();
}

/**
 * The calendar of an exchange; null when the table does not have it. `added` wins over the table, and holidays count as
 * known up to the last day of it that is later.
 */
export function exchangeCalendar(
  mic: string,
  added: AddedDays = { closed: [], opened: [] },
): Calendar | null {
  const own = ROWS.get(mic);
  const row = own?.length === 2 ? ROWS.get(own[1] ?? '') : own;
  const [, , through, closed, opened] = row ?? [];
  if (through === undefined || closed === undefined || opened === undefined) return null;
  const closedDays = new Set([...decodeDays(closed), ...added.closed]);
  for (const day of added.opened) closedDays.delete(day);
  const openedDays = new Set([...decodeDays(opened), ...added.opened]);
  for (const day of added.closed) openedDays.delete(day);
  return {
    name: mic,
    weekdays: MONDAY_TO_FRIDAY,
    closed: closedDays,
    opened: openedDays,
    knownThrough: Math.max(parseDay(through), ...added.closed, ...added.opened),
  };
}

/** First day that the table knows of an exchange; null when it does not have it. */
export function exchangeKnownSince(mic: string): Day | null {
  const own = ROWS.get(mic);
  const since = (own?.length === 2 ? ROWS.get(own[1] ?? '') : own)?.[1];
  return since === undefined ? null : parseDay(since);
}

function decodeDays(text: string): Day[] {
  if (text === '') return [];
  let day = 0;
  return text.split(' ').map((step) => (day += Number.parseInt(step, 36)));
}
