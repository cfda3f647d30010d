/** A year of mornings over real calendars: what each calendar of barwright's says of shares and coins, day by day. */
import {
  type Calendar,
  calendarOfWeekdays,
  EVERY_DAY,
  listExpected,
  MONDAY_TO_FRIDAY,
} from '../../src/domain/calendar/calendar.js';
import { DAY_US, type Day, parseDay } from '../../src/domain/calendar/day.js';
import { exchangeCalendar } from '../../src/domain/calendar/exchanges.js';
import { assessLatenesses, type LatenessFacts } from '../../src/domain/calendar/lateness.js';
import { countWeekdays, learnWeekdays } from '../../src/domain/calendar/learn.js';

/** The year, and the hour (UTC) at which each morning is looked at. */
export const YEAR = { first: parseDay('2025-01-01'), last: parseDay('2025-12-31') };
const MORNING_US = 6 * 3_600_000_000;
const ASSETS = 10;

export const MARKETS = ['XNYS', 'XETR', 'XTKS', 'coins'] as const;
export type Market = (typeof MARKETS)[number];
export const CALENDARS = ['named', 'learnt', 'weekdays', 'daily'] as const;
export type CalendarKind = (typeof CALENDARS)[number];
/** How many mornings after the end of a day its prices are there. */
export const VENDORS = { prompt: 0, 'a day late': 1 } as const;
export type Vendor = keyof typeof VENDORS;

export interface Scenario {
  market: Market;
  kind: CalendarKind;
  vendor: Vendor;
  /** Expected days that may be missing. */
  grace: number;
}

/** Days on which the market really has prices. */
export function truthOf(market: Market): Calendar {
  const calendar = market === 'coins' ? calendarOfWeekdays('daily', EVERY_DAY) : exchangeCalendar(market);
  if (calendar === null) throw new Error(`no calendar ${market}`);
  return calendar;
}

/** The calendar that the assets are given; what is learnt is learnt from the half year before the morning's newest day. */
function calendarOf({ market, kind }: Scenario, history: readonly Day[]): Calendar {
  if (kind === 'named') return truthOf(market);
  if (kind === 'weekdays') return calendarOfWeekdays('weekdays', MONDAY_TO_FRIDAY);
  const learnt = kind === 'learnt' ? learnWeekdays(countWeekdays(history)) : EVERY_DAY;
  return calendarOfWeekdays(kind, learnt ?? EVERY_DAY);
}

/** From `from` on these assets get no day any more. */
export interface Outage {
  assets: readonly number[];
  from: Day;
}

/** Which assets are late, and which have ceased, on the morning of a day; `mornings` in their order. */
export interface Morning {
  day: Day;
  late: number[];
  ceased: number[];
}

/** Goes through the mornings from `first` to `last`. */
export function* walkMornings(
  scenario: Scenario,
  {
    outage = null,
    first = YEAR.first,
    last = YEAR.last,
  }: { outage?: Outage | null; first?: Day; last?: Day } = {},
): Generator<Morning> {
  const sessions = listExpected(truthOf(scenario.market), first - 400, last);
  const delay = VENDORS[scenario.vendor];
  let ceasedBefore = new Set<number>();
  for (let day = first; day <= last; day++) {
    const delivered = sessions.filter((session) => session + 1 + delay <= day);
    const calendar = calendarOf(scenario, delivered);
    const grace = { days: scenario.grace, hours: 0 };
    const facts = Array.from({ length: ASSETS }, (_, id): LatenessFacts => {
      const isOut = outage?.assets.includes(id) === true;
      const newestDay = (isOut ? delivered.filter((each) => each < outage.from) : delivered).at(-1) ?? null;
      const past = { refusedFrom: null, source: 'vendor', hasCeased: ceasedBefore.has(id) };
      return { id, calendar, grace, newestDay, ...past };
    });
    const judged = assessLatenesses(facts, day * DAY_US + MORNING_US);
    const idsOf = (state: 'late' | 'ceased') =>
      judged.filter((each) => each.state === state).map(({ id }) => id);
    const ceased = idsOf('ceased');
    ceasedBefore = new Set(ceased);
    yield { day, late: idsOf('late'), ceased };
  }
}

/** Mornings of the year on which somebody is late though everything came as it always does. */
export function countFalseAlarms(scenario: Scenario): number {
  return [...walkMornings(scenario)].filter(({ late, ceased }) => late.length + ceased.length > 0).length;
}

/** Outages begin on each session of the year but the first and last few. */
export function listOutageDays(market: Market): Day[] {
  return listExpected(truthOf(market), YEAR.first + 14, YEAR.last - 30);
}

/** Mornings from the one on which the first missing day is due to the one on which it is named; null: never. */
export function measureDelay(scenario: Scenario, outage: Outage): number | null {
  const due = outage.from + 1 + VENDORS[scenario.vendor];
  for (const { day, late, ceased } of walkMornings(scenario, { outage, first: due, last: outage.from + 40 }))
    if (outage.assets.some((id) => late.includes(id) || ceased.includes(id))) return day - due;
  return null;
}

const ALL = Array.from({ length: ASSETS }, (_, id) => id);
export const OUTAGES: Readonly<Record<string, readonly number[]>> = {
  'the vendor': ALL,
  'one asset of ten': [3],
};

/** The delays of outages that begin on every seventh session: the shortest, the usual and the longest. */
function measureDelays(
  scenario: Scenario,
  assets: readonly number[],
): { least: number; median: number; most: number } {
  const delays = listOutageDays(scenario.market)
    .filter((_, index) => index % 7 === 0)
    .map((from) => measureDelay(scenario, { assets, from }) ?? Number.POSITIVE_INFINITY)
    .sort((a, b) => a - b);
  return {
    least: delays[0] ?? Number.NaN,
    median: delays[delays.length >> 1] ?? Number.NaN,
    most: delays.at(-1) ?? Number.NaN,
  };
}

const GRACES = [0, 1, 2, 3];

/** The table of docs/explanation/mornings.md. */
export function makeMornings(): string {
  const rows = MARKETS.flatMap((market) =>
    CALENDARS.flatMap((kind) =>
      GRACES.map((grace) => {
        const of = (vendor: Vendor): Scenario => ({ market, kind, vendor, grace });
        const { least, median, most } = measureDelays(of('prompt'), ALL);
        const delays = [least, median, most].map(String).join(' / ');
        return `| ${market} | ${kind} | ${grace} | ${countFalseAlarms(of('prompt'))} | ${countFalseAlarms(of('a day late'))} | ${delays} |`;
      }),
    ),
  );
  return `${HEAD}\n${rows.join('\n')}\n`;
}

const HEAD = `# A year of mornings

What the [calendars](../tasks/calendars.md) would have said on each morning of 2025, at 06:00 UTC. The assets are ten on
the real calendars of New York, Frankfurt and Tokyo, and ten coins. \`npm run documents\` computes this table; a test
fails while it is out of date.

- *False alarms*: mornings on which an asset is called late though everything came as it always does. A prompt vendor
  has a day at 06:00 on the next one; the other vendor is a day later with everything.
- *Delay*: mornings from the first one on which a day is missing to the one that names it, when a prompt vendor stops:
  shortest / usual / longest, over outages that begin on every seventh session of the year. 0 is the first morning. The
  grace is one expected day unless \`--late-after\` says otherwise. An outage of one asset of ten has the same delays.

With a named calendar a prompt vendor never causes a false alarm, whatever the grace, and a late vendor causes none with
the default grace. The default grace costs one more session. Without holidays (learnt, weekdays) a long holiday is a
false alarm, and with daily every weekend of a share is one.

| market | calendar | grace | false alarms, prompt vendor | false alarms, vendor a day late | delay of a dead feed |
|---|---|---|---|---|---|`;
