/** Which assets are late at their source: the one place that reads it. */
import { formatWeekdays, warningOfCalendar } from '../../domain/calendar/calendar.js';
import type { Day } from '../../domain/calendar/day.js';
import {
  assessLatenesses,
  type Grace,
  type Lateness,
  type LatenessFacts,
  type LatenessState,
  lastDayOver,
} from '../../domain/calendar/lateness.js';
import { type Expectations, NO_EXPECTATIONS } from '../../domain/source/expectation.js';
import { type AssetCalendar, readCalendars } from '../../storage/calendars/calendars.js';
import { listNewestDays, type NewestDay, readSourceDays } from '../../storage/calendars/newest-days.js';
import { readNow } from '../../storage/reading/freshness.js';
import type { Tx } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';

export interface LatenessScope {
  /** null: all active assets. Others of the same source are looked at all the same. */
  ids: readonly number[] | null;
  /** Of assets whose source has none of its own. */
  grace: Grace;
  /** Where newer rows may wait for a refresh: an asset is not late at its source for those. null: not asked. */
  source: Source | null;
  /** What sources say of when prices are expected; left out: what `source` says. */
  expectations?: Expectations;
  /** By which time it is judged, epoch microseconds; null: the database's now. */
  asOfUs?: number | null;
}

/** How one active asset stands against its calendar. */
export interface AssetLateness extends Lateness {
  symbol: string | null;
  /** The source that it was read from last; "" while there are no bars. */
  source: string;
  calendar: AssetCalendar;
  grace: Grace;
  /** The grace is the source's own. */
  isGraceOfSource: boolean;
  /** Newest day with a price: of its bars, or of source rows that wait for a refresh. */
  newestDay: Day | null;
  /** The state of its bars alone, whatever waits for a refresh. */
  barsState: LatenessState;
  /** Newest day whose row was read and refused; null: the newest row was taken. */
  refusedDay: Day | null;
  /** It was seen to have ceased before, and is named no more. */
  wasCeased: boolean;
}

export interface LatenessReading {
  /** Active assets that were asked for, ascending by id. */
  assets: AssetLateness[];
  /** What cannot be trusted about calendars, as sentences. */
  warnings: string[];
  /** By which time it was judged, epoch microseconds. */
  nowUs: number;
}

/** Reads and judges in the snapshot of this transaction. */
export async function readLateness(tx: Tx, scope: LatenessScope): Promise<LatenessReading> {
  const nowUs = scope.asOfUs ?? (await readNow(tx));
  const expectations = scope.expectations ?? scope.source?.expectations ?? NO_EXPECTATIONS;
  const newest = await listNewestDays(tx, null);
  const calendars = new Map(
    (
      await readCalendars(
        tx,
        newest.map(({ id }) => id),
        expectations,
      )
    ).map((each) => [each.id, each]),
  );
  const known = newest.flatMap((asset) => {
    const calendar = calendars.get(asset.id);
    const own = expectations.get(asset.source)?.grace ?? null;
    const grace = own ?? scope.grace;
    const facts = { asset, calendar, grace, isGraceOfSource: own !== null };
    return calendar === undefined ? [] : [{ ...facts, calendar, newestDay: asset.lastDay }];
  });
  const ofBars = judge(known, nowUs);
  const late = ofBars.filter(({ state }) => state === 'late' || state === 'ceased');
  const waiting =
    scope.source === null
      ? new Map<number, Day>()
      : await readSourceDays(
          tx,
          scope.source,
          late.map(({ id }) => id),
        );
  const counted = known.map((each) => ({ ...each, newestDay: newestOf(each.asset, waiting) }));
  const judged = judge(counted, nowUs);
  const asked = scope.ids === null ? null : new Set(scope.ids);
  const assets = judged
    .map((lateness, k) => standingOf(lateness, counted[k] as Counted, ofBars[k]?.state ?? 'empty'))
    .filter(({ id }) => asked?.has(id) ?? true);
  return { assets, nowUs, warnings: warningsOf(assets, lastDayOver(nowUs, scope.grace)) };
}

interface Counted {
  asset: NewestDay;
  calendar: AssetCalendar;
  grace: Grace;
  isGraceOfSource: boolean;
  newestDay: Day | null;
}

function judge(counted: readonly Counted[], nowUs: number): Lateness[] {
  const facts = counted.map(
    ({ asset, calendar: { calendar }, grace, newestDay }): LatenessFacts => ({
      id: asset.id,
      calendar,
      grace,
      newestDay,
      refusedFrom: newestDay === null ? asset.firstReadDay : null,
      source: asset.source,
      hasCeased: asset.hasCeased,
    }),
  );
  return assessLatenesses(facts, nowUs);
}

/** Source rows that were read and refused bring no price; those that wait may. */
function newestOf({ id, lastDay, readDay }: NewestDay, waiting: ReadonlyMap<number, Day>): Day | null {
  const sourceDay = waiting.get(id) ?? null;
  return sourceDay !== null && (readDay === null || sourceDay > readDay) ? sourceDay : lastDay;
}

function standingOf(
  lateness: Lateness,
  { asset, calendar, grace, isGraceOfSource, newestDay }: Counted,
  barsState: LatenessState,
): AssetLateness {
  const { symbol, source, readDay, lastDay, hasCeased } = asset;
  const isRefused = readDay !== null && newestDay === lastDay && (lastDay === null || readDay > lastDay);
  return {
    ...lateness,
    ...{ symbol, source, calendar, grace, isGraceOfSource },
    newestDay,
    barsState,
    refusedDay: isRefused ? readDay : null,
    wasCeased: hasCeased,
  };
}

function warningsOf(assets: readonly AssetLateness[], day: Day): string[] {
  const ofCalendars = new Map(assets.map(({ calendar }) => [calendar.calendar.name, calendar.calendar]));
  const outdated = [...ofCalendars.values()].flatMap((calendar) => warningOfCalendar(calendar, day) ?? []);
  const lost = assets.flatMap(({ id, calendar }) =>
    calendar.lost === 0 || calendar.calendar.name !== 'learnt'
      ? []
      : [
          `ID ${id} has had hardly a ${formatWeekdays(calendar.lost)} for half a year, and is expected on it still: ` +
            `"barwright asset calendar ${id} learnt" learns its days of the week again`,
        ],
  );
  return [...outdated, ...lost];
}

/** Ids of those that lack nothing that is due. */
export function listLevelIds(assets: readonly AssetLateness[]): Set<number> {
  const states: readonly AssetLateness['state'][] = ['none', 'level', 'due'];
  return new Set(assets.filter(({ state }) => states.includes(state)).map(({ id }) => id));
}

/** "XNYS", "learnt (Mon to Fri)", "learnt (daily for now)". */
export function formatCalendar({ calendar, weekdays }: AssetCalendar): string {
  if (calendar.name !== 'learnt') return calendar.name;
  return `learnt (${weekdays === null ? 'daily for now' : formatWeekdays(weekdays)})`;
}
