/** Which days of an asset are asked for over the network: new ones, the newest again, and holes. */
import type { Day } from '../calendar/day.js';

export interface DaySpan {
  readonly first: Day;
  readonly last: Day;
}

/** A day between the first and the last stored one that had no price when it was asked for. */
export interface AskedHole {
  /** How many times it was asked for, and stayed empty. */
  readonly times: number;
  /** The day on which it was asked for last. */
  readonly lastAsked: Day;
}

export interface FetchFacts {
  /** The UTC day that is not over: the first one that is not asked for. */
  readonly today: Day;
  /** Stored days that are over, ascending, and whether they came from the source that is asked. */
  readonly stored: readonly { readonly day: Day; readonly isOurs: boolean }[];
  readonly asked: ReadonlyMap<Day, AskedHole>;
  /** `--since`: from this day on everything is asked for, and replaces what other sources gave; null: as needed. */
  readonly since: Day | null;
}

export interface FetchPlan {
  /** What to ask for, ascending, with as few questions as is sensible. */
  readonly spans: readonly DaySpan[];
  /** Days in the spans that another source has given: what comes for them is left out. */
  readonly kept: ReadonlySet<Day>;
  /** Holes that are asked for. */
  readonly holes: readonly Day[];
}

/** Candles are restated, and late ones come in, for some days. */
const RECENT_DAYS = 10;
/** A hole that stayed empty so often is asked for once in so many days. */
const PATIENCE = 7;
const PAUSE_DAYS = 30;
/** Days between two wanted ones that are asked for too: one question costs more than so many days in its answer. */
const NEAR_DAYS = 100;

/** Plans a fetch; `firstDay` is where a source begins that has never been asked. */
export function planFetch(facts: FetchFacts, firstDay: Day): FetchPlan {
  const { today, stored, since } = facts;
  const [first, last] = [stored[0], stored.at(-1)];
  if (since !== null) return { spans: spanOf(since, today - 1), kept: new Set(), holes: [] };
  if (first === undefined || last === undefined)
    return { spans: spanOf(firstDay, today - 1), kept: new Set(), holes: [] };
  const kept = new Set(stored.filter(({ isOurs }) => !isOurs).map(({ day }) => day));
  const holes = listHoles(stored).filter((day) => isDue(facts.asked.get(day), today));
  const recent = rangeOf(Math.max(first.day, last.day - RECENT_DAYS + 1), today - 1);
  const wanted = [...new Set([...holes, ...recent])].filter((day) => !kept.has(day));
  return { spans: mergeDays(wanted), kept, holes };
}

function spanOf(first: Day, last: Day): DaySpan[] {
  return first > last ? [] : [{ first, last }];
}

function rangeOf(first: Day, last: Day): Day[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** Days without a price between stored ones. */
function listHoles(stored: FetchFacts['stored']): Day[] {
  return stored.flatMap(({ day }, index) => {
    const next = stored[index + 1];
    return next === undefined ? [] : rangeOf(day + 1, next.day - 1);
  });
}

function isDue(asked: AskedHole | undefined, today: Day): boolean {
  return asked === undefined || asked.times < PATIENCE || today - asked.lastAsked >= PAUSE_DAYS;
}

function mergeDays(days: readonly Day[]): DaySpan[] {
  const spans: { first: Day; last: Day }[] = [];
  for (const day of [...days].sort((a, b) => a - b)) {
    const open = spans.at(-1);
    if (open !== undefined && day - open.last <= NEAR_DAYS) open.last = day;
    else spans.push({ first: day, last: day });
  }
  return spans;
}
