import { DAY_US, type Day, dayOfCivil } from '../../../domain/calendar/day.js';
import { UsageError } from '../../../domain/text/errors.js';

/** The date that an instant has in a zone. */
export type LocalDay = (us: number) => Day;

/** How to find local dates of a zone (an IANA name). Throws UsageError for an unknown zone. */
export function localDayOf(zone: string): LocalDay {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
  } catch (error) {
    throw new UsageError(`--zone expects a name like America/New_York or UTC, got "${zone}"`, {
      cause: error,
    });
  }
  return (us) => {
    const parts = format.formatToParts(Math.floor(us / 1000));
    const part = (type: string) => Number(parts.find((found) => found.type === type)?.value);
    return dayOfCivil(part('year'), part('month'), part('day'));
  };
}

const OFFSETS: readonly (readonly [number, string])[] = [
  [-5 * 60, 'America/New_York'],
  [-4 * 60, 'America/New_York'],
  [60, 'Europe/Berlin'],
  [120, 'Europe/Berlin'],
  [330, 'Asia/Kolkata'],
];

/** A zone in whose days instants like this one begin or trade: a guess, for the command that is proposed. */
export function zoneLike(us: number): string {
  const minutes = Math.floor((((us % DAY_US) + DAY_US) % DAY_US) / 60_000_000);
  // 13:30 and 14:30 are when New York opens, 20:00 and 21:00 when it closes.
  if ([810, 870, 1200, 1260].includes(minutes)) return 'America/New_York';
  const offset = minutes <= 12 * 60 ? -minutes : 24 * 60 - minutes;
  const known = OFFSETS.find(([found]) => found === offset)?.[1];
  if (known !== undefined) return known;
  const hours = Math.round(offset / 60);
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}
