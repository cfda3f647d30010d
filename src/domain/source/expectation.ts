/** When prices of a source are expected, as a person says it of the source as a whole. */
import { PLAIN_CALENDARS } from '../calendar/calendar.js';
import { type Grace, parseGrace } from '../calendar/lateness.js';
import { UsageError } from '../text/errors.js';

/** What a source says of its assets; null: nothing. */
export interface Expectation {
  /** A plain calendar or the MIC of an exchange. Assets for which one was chosen do not follow it. */
  calendar: string | null;
  /** How long its expected days may be missing. */
  grace: Grace | null;
}

/** What sources say, by the name that the state of an asset keeps of its source. */
export type Expectations = ReadonlyMap<string, Expectation>;

export const NO_EXPECTATIONS: Expectations = new Map();

/** The same without graces: calendars alone. */
export function withoutGraces(expectations: Expectations): Expectations {
  return new Map([...expectations].map(([source, { calendar }]) => [source, { calendar, grace: null }]));
}

/**
 * Reads the keys "calendar" and "lateAfter" of a description. Whether the table of exchanges has a MIC is looked up by
 * those who load that table. Throws UsageError with the place, what was expected and what was found.
 */
export function readExpectation(
  { calendar, lateAfter }: { calendar?: unknown; lateAfter?: unknown },
  place: string,
): Expectation {
  return {
    calendar: readCalendarName(calendar, `${place}.calendar`),
    grace: readGrace(lateAfter, `${place}.lateAfter`),
  };
}

function readCalendarName(written: unknown, place: string): string | null {
  if (written === undefined) return null;
  if (typeof written === 'string') {
    const plain = written.trim().toLowerCase();
    if (PLAIN_CALENDARS.some((name) => name === plain)) return plain;
    if (/^[a-z0-9]{4}$/.test(plain)) return plain.toUpperCase();
  }
  throw expected(place, `${PLAIN_CALENDARS.join(', ')} or an exchange like XNYS`, written);
}

function readGrace(written: unknown, place: string): Grace | null {
  if (written === undefined) return null;
  const isWritten = typeof written === 'string' || typeof written === 'number';
  const grace = isWritten ? parseGrace(String(written)) : null;
  if (grace === null) throw expected(place, 'expected days such as 2, or hours such as "12h",', written);
  return grace;
}

function expected(place: string, what: string, found: unknown): UsageError {
  return new UsageError(`${place}: ${what} was expected, found ${JSON.stringify(found)?.slice(0, 80)}`);
}
