/** Epoch times of a file: what they count since 1970 is known by their size, and near 1970 by the steps between them. */
import { DAY_US } from '../../../domain/calendar/day.js';
import { type DayText, instantOfUs, parseEpoch } from './day-text.js';

/** Microseconds of one, by the name that --date-format has for it. */
const UNITS = { 'epoch-s': 1_000_000, 'epoch-ms': 1000, 'epoch-us': 1, 'epoch-ns': 0.001 } as const;

/** How --date-format says what epoch times count. */
export const EPOCH_UNITS = Object.keys(UNITS) as readonly (keyof typeof UNITS)[];

type Parse = (text: string) => DayText | undefined;

/** The reading of epoch times that count one unit, as --date-format names it; null: there is no unit of this name. */
export function epochOfUnit(name: string): Parse | null {
  const unit = EPOCH_UNITS.find((each) => each === name.toLowerCase());
  if (unit === undefined) return null;
  return (text) => {
    const value = /^-?\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    return instantOfUs(Math.round(value * UNITS[unit]));
  };
}

/** Days have no longer steps between them, but for holes: more than half of the steps are shorter. */
const LONGEST_STEP_US = 45 * DAY_US;

/**
 * The reading of the epoch times of a file, of which these are the first. Their size gives the unit, except near 1970:
 * milliseconds of 1970 are as large as seconds of later years. Read so they are a thousand days apart, and then the unit
 * counts in which they are days.
 */
export function chooseEpoch(texts: readonly string[]): Parse {
  if (isDaily(texts, parseEpoch)) return parseEpoch;
  const others = EPOCH_UNITS.flatMap((unit) => epochOfUnit(unit) ?? []);
  return others.find((parse) => isDaily(texts, parse) && isAtOneTime(texts, parse)) ?? parseEpoch;
}

function stampsOf(texts: readonly string[], parse: Parse): number[] {
  return [...new Set(texts.flatMap((text) => parse(text)?.us ?? []))].sort((a, b) => a - b);
}

/** Whether all of them are times, and most steps between them those of days. One alone says nothing. */
function isDaily(texts: readonly string[], parse: Parse): boolean {
  if (!texts.every((text) => parse(text) !== undefined)) return false;
  const stamps = stampsOf(texts, parse);
  const steps = stamps.slice(1).map((stamp, at) => stamp - (stamps[at] ?? 0));
  const middle = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)];
  return middle === undefined || middle <= LONGEST_STEP_US;
}

/** Whether they are instants at one time of the day each: what is read in a wrong unit is at all times. */
function isAtOneTime(texts: readonly string[], parse: Parse): boolean {
  const stamps = stampsOf(texts, parse);
  const [first = 0] = stamps;
  return stamps.length > 1 && stamps.every((stamp) => (stamp - first) % DAY_US === 0);
}
