/**
 * Which assets are late at their source. One rule for everybody who asks: run, status, check, alerts, dashboard (decision 031).
 *
 * An expected day is over at the end of its UTC day, by the database's clock, plus the hours of the grace. An asset is late when more
 * expected days are over after its newest day than the grace allows. With the default of one expected day, Friday's
 * missing close of a share is late when Monday is over: on Tuesday at 00:00 UTC.
 */

import { type Calendar, listExpected } from './calendar.js';
import { DAY_US, type Day, floorDivide } from './day.js';

/** How long an expected day may be missing. */
export interface Grace {
  /** Expected days that may be missing. */
  days: number;
  /** Hours after the end of a UTC day in which its price may still be on its way. */
  hours: number;
}

export const DEFAULT_GRACE: Grace = { days: 1, hours: 0 };

/** Reads expected days from 0 to 999, such as "2", or hours after the end of a day, such as "12h"; null: it is neither. */
export function parseGrace(text: string): Grace | null {
  const [, number, unit] = /^([0-9]{1,3})(d|h)?$/.exec(text.trim()) ?? [];
  if (number === undefined) return null;
  return unit === 'h' ? { days: 0, hours: Number(number) } : { days: Number(number), hours: 0 };
}

/** As parseGrace reads it. */
export function formatGrace({ days, hours }: Grace): string {
  return hours > 0 ? `${hours}h` : String(days);
}

/** More missing expected days than this, while others of the source arrive, and the asset has ceased. */
export const CEASED_AFTER_DAYS = 30;

/**
 * - none      no new day is expected
 * - empty     it has no price yet, and no row came
 * - level     no expected day is missing
 * - due       days are missing, within the grace
 * - late      days are missing for longer
 * - ceased    late for so long that it ended, while others of its source arrive
 */
export type LatenessState = 'none' | 'empty' | 'level' | 'due' | 'late' | 'ceased';

/** What is known of one asset. */
export interface LatenessFacts {
  id: number;
  calendar: Calendar;
  grace: Grace;
  /** Newest day with a price; null: there is none. */
  newestDay: Day | null;
  /** Where there is none: the oldest day whose row came and was refused; null: no row came. */
  refusedFrom: Day | null;
  /** The relation that its prices come from. */
  source: string;
  /** It was seen to have ceased, and no price came since. */
  hasCeased: boolean;
}

export interface Lateness {
  id: number;
  state: LatenessState;
  /** Expected days that are over and missing; 0 when none is expected or the asset is empty. */
  missingDays: number;
  firstMissing: Day | null;
}

/** The last UTC day that is over for this grace. */
export function lastDayOver(nowUs: number, grace: Grace): Day {
  return floorDivide(nowUs - grace.hours * 3_600_000_000, DAY_US) - 1;
}

/** Judges one asset alone: whether it has ceased takes a look at the others. */
export function assessLateness(facts: LatenessFacts, nowUs: number): Lateness {
  const { id, calendar, grace, newestDay, refusedFrom } = facts;
  // An asset of which every row was refused lacks them all.
  const after = newestDay ?? (refusedFrom === null ? null : refusedFrom - 1);
  const end = (state: LatenessState, missing: readonly Day[] = []): Lateness => ({
    id,
    state,
    missingDays: missing.length,
    firstMissing: missing[0] ?? null,
  });
  if (after === null) return end('empty');
  if (calendar.weekdays === 0 && calendar.opened.size === 0) return end('none');
  const missing = listExpected(calendar, after, lastDayOver(nowUs, grace));
  if (missing.length === 0) return end('level');
  return end(missing.length > grace.days ? 'late' : 'due', missing);
}

/**
 * Judges assets together. One that lacks more than thirty expected days has ceased while another one of its source is not
 * late; when all of a source are late, the source is what is wrong, and none of its assets ceases. What never had a price has
 * not ceased.
 */
export function assessLatenesses(assets: readonly LatenessFacts[], nowUs: number): Lateness[] {
  const judged = assets.map((facts) => ({ facts, lateness: assessLateness(facts, nowUs) }));
  const arriving = new Set(
    judged
      .filter(({ lateness: { state } }) => state === 'level' || state === 'due')
      .map(({ facts }) => facts.source),
  );
  return judged.map(({ facts: { source, hasCeased, newestDay }, lateness }) => {
    if (lateness.state !== 'late' || newestDay === null) return lateness;
    const ceases = lateness.missingDays > CEASED_AFTER_DAYS && arriving.has(source);
    return hasCeased || ceases ? { ...lateness, state: 'ceased' as const } : lateness;
  });
}
