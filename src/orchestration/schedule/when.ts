/** When a round is due: times of the day or a cron pattern, in a time zone. */
import { Cron } from 'croner';
import { UsageError } from '../../domain/text/errors.js';

/** When rounds are due. */
export interface Timetable {
  /** Cron patterns that begin with the seconds; each instant is due once, whichever of them names it. */
  patterns: readonly string[];
  timezone: string;
  /** For people: "every day at 06:00 UTC". */
  words: string;
}

const TIME = /^([01]?\d|2[0-3]):([0-5]\d)$/;

/** What --at or --cron and --timezone say. Throws UsageError naming what cannot be read. */
export function parseTimetable(asked: {
  at?: readonly string[] | undefined;
  cron?: string | undefined;
  timezone: string;
}): Timetable {
  const { at, cron, timezone } = asked;
  checkTimezone(timezone);
  if (at !== undefined && cron !== undefined)
    throw new UsageError('--at and --cron both say when: give one of them');
  if (at !== undefined) {
    const times = [...new Set(at.map(parseTime))].sort();
    return {
      patterns: times.map((time) => `0 ${Number(time.slice(3))} ${Number(time.slice(0, 2))} * * *`),
      timezone,
      words: `every day at ${times.join(' and ')} ${timezone}`,
    };
  }
  if (cron === undefined) throw new UsageError('schedule needs a time: --at 06:00, or --cron "0 6 * * 1-5"');
  return { patterns: [checkPattern(cron, timezone)], timezone, words: `by "${cron}" ${timezone}` };
}

/** The first instant after `after` that is due; null when none ever is. */
export function findNextDue({ patterns, timezone }: Timetable, after: Date): Date | null {
  const found = patterns.flatMap((pattern) => new Cron(pattern, { timezone }).nextRun(after) ?? []);
  return found.sort((a, b) => a.getTime() - b.getTime())[0] ?? null;
}

/** Calls `begin` at every instant that is due, with that instant, until it is stopped. A sleep of the machine is no reason to be early. */
export function startTimetable(
  { patterns, timezone }: Timetable,
  begin: (due: Date) => void,
): { stop: () => void } {
  const jobs = patterns.map(
    (pattern) =>
      new Cron(pattern, { timezone }, (job: Cron) => begin(toSecond(job.currentRun() ?? new Date()))),
  );
  return {
    stop: () => {
      for (const job of jobs) job.stop();
    },
  };
}

/** Timers are late by milliseconds; what is due is due at a whole second. */
function toSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000);
}

function parseTime(text: string): string {
  const [, hours, minutes] = TIME.exec(text.trim()) ?? [];
  if (hours === undefined || minutes === undefined)
    throw new UsageError(`--at expects times of the day like "06:00" or "06:00,18:30", got "${text}"`);
  return `${hours.padStart(2, '0')}:${minutes}`;
}

function checkTimezone(timezone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch {
    throw new UsageError(
      `--timezone expects a name like "UTC" or "Europe/Berlin", and this system knows no "${timezone}"`,
    );
  }
}

function checkPattern(pattern: string, timezone: string): string {
  try {
    if (new Cron(pattern, { timezone, mode: '5-or-6-parts' }).nextRun() !== null) return pattern;
  } catch (error) {
    throw new UsageError(
      `--cron expects five fields like "0 6 * * 1-5" (or six, with seconds before them), got "${pattern}": ` +
        (error instanceof Error ? error.message : String(error)),
    );
  }
  throw new UsageError(`--cron "${pattern}" is never due`);
}
