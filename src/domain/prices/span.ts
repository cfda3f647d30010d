/** Whether the times of a source row span one UTC day, and what a row is that spans something else. */
import { DAY_US, type Day, dayOfUs, floorDivide } from '../calendar/day.js';

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
/** One day, with an hour more or less where clocks change. */
const SHORTEST_DAY_US = 23 * HOUR_US;
const LONGEST_DAY_US = 25 * HOUR_US;
/** The last instant of a day as 1D bars have it: one millisecond before midnight. */
const DAY_END_US = DAY_US - 1000;

/** The times of one source row; epoch microseconds. */
export interface RowTimes {
  timestampUs: number;
  timeOpenUs: number | null;
  timeCloseUs: number | null;
}

/** What a row spans that is not a UTC day. Lengths are microseconds. */
export type SpanShape =
  /** Rows of one length, several a day: 60 minutes is hourly. */
  | { kind: 'intraday'; minutes: number }
  /** Part of a day that does not divide it: the trading hours of an exchange. */
  | { kind: 'session'; minutes: number }
  /** A day that begins `offsetMinutes` after UTC midnight (negative: before it). */
  | { kind: 'zone'; offsetMinutes: number }
  /** A UTC day, but not the one that its timestamp lies on. */
  | { kind: 'other_day'; day: Day; stampDay: Day }
  | { kind: 'weekly' | 'monthly' | 'quarterly' | 'yearly' }
  | { kind: 'days'; days: number };

/** The day of a row with its first and last instant, or what the row spans instead. */
export type RowSpan =
  | { isDay: true; timeOpenUs: number; timeCloseUs: number }
  | { isDay: false; shape: SpanShape };

/** First and last instant of a UTC day: what a row without times gets. */
export function boundsOfDay(day: Day): { timeOpenUs: number; timeCloseUs: number } {
  return { timeOpenUs: day * DAY_US, timeCloseUs: day * DAY_US + DAY_END_US };
}

/** Whether a row has times that say something: given, and with a length. Open, close and stamp in one instant have none. */
export function hasTimes({ timeOpenUs, timeCloseUs, timestampUs }: RowTimes): boolean {
  return (
    timeOpenUs !== null &&
    timeCloseUs !== null &&
    !(timeOpenUs === timeCloseUs && dayOfUs(timeOpenUs) === dayOfUs(timestampUs))
  );
}

/**
 * Whether a row is the UTC day that its timestamp lies on: its times are that day's, 23 to 25 hours long. Times that are
 * absent or without length say nothing, and the day's bounds stand for them. A close at the next midnight is the day's last instant.
 */
export function spanOfRow(row: RowTimes): RowSpan {
  const stampDay = dayOfUs(row.timestampUs);
  const bounds = boundsOfDay(stampDay);
  const { timeOpenUs, timeCloseUs } = row;
  if (!hasTimes(row) || timeOpenUs === null || timeCloseUs === null) return { isDay: true, ...bounds };
  const nextMidnightUs = bounds.timeOpenUs + DAY_US;
  const closeUs = timeCloseUs === nextMidnightUs ? bounds.timeCloseUs : timeCloseUs;
  const isOnDay = timeOpenUs >= bounds.timeOpenUs && closeUs < nextMidnightUs;
  if (isOnDay && closeUs - timeOpenUs >= SHORTEST_DAY_US - 1_000_000) {
    return { isDay: true, timeOpenUs, timeCloseUs: closeUs };
  }
  return { isDay: false, shape: shapeOf(timeOpenUs, timeCloseUs, stampDay) };
}

/** Whether times are those of one day of some zone, or of a session in it: at most 25 hours, around the UTC day of the stamp. */
export function isLocalDay({ timestampUs, timeOpenUs, timeCloseUs }: RowTimes): boolean {
  if (timeOpenUs === null || timeCloseUs === null) return false;
  const { timeOpenUs: startUs } = boundsOfDay(dayOfUs(timestampUs));
  const isShort = timeCloseUs - timeOpenUs <= LONGEST_DAY_US;
  // Zones lie between UTC-12 and UTC+14, so a local day begins up to 14 hours before the UTC day of its date.
  return isShort && timeOpenUs >= startUs - 14 * HOUR_US && timeCloseUs <= startUs + DAY_US + 12 * HOUR_US;
}

function shapeOf(openUs: number, closeUs: number, stampDay: Day): SpanShape {
  if (openUs === closeUs) return { kind: 'other_day', day: dayOfUs(openUs), stampDay };
  const shape = shapeOfLength(Math.round((closeUs - openUs) / MINUTE_US));
  if (shape !== null) return shape;
  const offsetMinutes = minutesFromMidnight(openUs) || minutesFromMidnight(closeUs);
  if (offsetMinutes !== 0) return { kind: 'zone', offsetMinutes };
  return { kind: 'other_day', day: floorDivide(openUs + DAY_US / 2, DAY_US), stampDay };
}

/** Minutes from the nearest UTC midnight, negative before it; 23:59:59.999 is 0. */
function minutesFromMidnight(us: number): number {
  const midnightUs = floorDivide(us + DAY_US / 2, DAY_US) * DAY_US;
  return Math.round((us - midnightUs) / MINUTE_US) + 0;
}

const HOURS = 60;
const DAYS = 24 * HOURS;

/** The shape of rows of a length in minutes; null: it is a day's. */
function shapeOfLength(minutes: number): SpanShape | null {
  if (minutes < 23 * HOURS) {
    const isDivisor = minutes > 0 && DAYS % minutes === 0;
    return { kind: isDivisor || minutes < 2 * HOURS ? 'intraday' : 'session', minutes };
  }
  if (minutes <= 25 * HOURS) return null;
  const days = Math.round(minutes / DAYS);
  if (days === 7) return { kind: 'weekly' };
  if (days >= 28 && days <= 31) return { kind: 'monthly' };
  if (days >= 89 && days <= 92) return { kind: 'quarterly' };
  if (days === 365 || days === 366) return { kind: 'yearly' };
  return { kind: 'days', days: Math.max(2, days) };
}

/**
 * What rows without times are, by their timestamps in rising order: the shape of the commonest step between two of them.
 * null: days (or too few rows to say). Holes do not matter: the commonest step does.
 */
export function shapeOfStamps(stampsUs: readonly number[]): SpanShape | null {
  const steps = stampsUs
    .slice(1)
    .map((stampUs, index) => Math.round((stampUs - (stampsUs[index] ?? stampUs)) / MINUTE_US))
    .filter((minutes) => minutes > 0)
    .sort((a, b) => a - b);
  // Months and quarters have several lengths: what is said of the middle one is said of all.
  const middle = steps[(steps.length - 1) >>> 1];
  return middle === undefined ? null : shapeOfLength(middle);
}

/** The commonest of some shapes, as described; null: there is none. */
export function commonestShape(shapes: Iterable<SpanShape>): SpanShape | null {
  const counts = new Map<string, { shape: SpanShape; rows: number }>();
  for (const shape of shapes) {
    const key = keyOf(shape);
    const entry = counts.get(key) ?? { shape, rows: 0 };
    entry.rows += 1;
    counts.set(key, entry);
  }
  let commonest: { shape: SpanShape; rows: number } | null = null;
  for (const entry of counts.values()) if (entry.rows > (commonest?.rows ?? 0)) commonest = entry;
  return commonest?.shape ?? null;
}

/** Days of one zone begin an hour earlier in summer, sessions end early before a holiday: that is one shape. */
function keyOf(shape: SpanShape): string {
  if (shape.kind === 'intraday') return `intraday ${shape.minutes}`;
  if (shape.kind === 'days') return `days ${shape.days}`;
  return shape.kind;
}

/** A shape as "an hourly row", "a weekly row", "a day of another time zone (it begins at 05:00 UTC)". */
export function describeShape(shape: SpanShape): string {
  switch (shape.kind) {
    case 'intraday':
      return shape.minutes === HOURS ? 'an hourly row' : `an intraday row (${formatMinutes(shape.minutes)})`;
    case 'session':
      return `a trading session (${formatMinutes(shape.minutes)})`;
    case 'zone':
      return `a day of another time zone (it begins at ${formatOffset(shape.offsetMinutes)} UTC)`;
    case 'other_day':
      return `the UTC day ${shape.day < shape.stampDay ? 'before' : 'after'} the one of its timestamp`;
    case 'weekly':
      return 'a weekly row';
    case 'monthly':
      return 'a monthly row';
    case 'quarterly':
      return 'a quarterly row';
    case 'yearly':
      return 'a yearly row';
    case 'days':
      return `a row of ${shape.days} days`;
  }
}

function formatMinutes(minutes: number): string {
  if (minutes % HOURS === 0) return minutes === HOURS ? '1 hour' : `${minutes / HOURS} hours`;
  if (minutes < 2 * HOURS) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return `${Math.floor(minutes / HOURS)} h ${minutes % HOURS} min`;
}

function formatOffset(minutes: number): string {
  const ofDay = (minutes + DAYS) % DAYS;
  return `${String(Math.floor(ofDay / HOURS)).padStart(2, '0')}:${String(ofDay % HOURS).padStart(2, '0')}`;
}
