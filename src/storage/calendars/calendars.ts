/** Calendars of assets: what a person chose, what runs learnt, days that were added to exchanges. */
import {
  type Calendar,
  calendarOfWeekdays,
  EVERY_DAY,
  MONDAY_TO_FRIDAY,
  type Weekdays,
} from '../../domain/calendar/calendar.js';
import type { Day } from '../../domain/calendar/day.js';
import type { AddedDays } from '../../domain/calendar/exchanges.js';
import {
  FEWEST_LEARNING_DAYS,
  LEARNING_DAYS,
  learnWeekdays,
  mergeWeekdays,
} from '../../domain/calendar/learn.js';
import type { Expectations } from '../../domain/source/expectation.js';
import type { Tx } from '../session/database.js';
import { expectedParameters, joinExpected } from '../source/expectations.js';

const DEFAULT_CALENDAR = 'learnt';
/** Weekdays are learnt again when the asset has come this many days further. */
const LEARN_AGAIN_DAYS = 7;
/** Calendars with which an asset's own weekdays count. */
export const LEARNING: readonly string[] = ['learnt', 'none'];

/** When prices of one asset are expected. */
export interface AssetCalendar {
  id: number;
  calendar: Calendar;
  /** What gaps of its history are judged by: the same, but of a history that gets no new days its own weekdays. */
  past: Calendar;
  /** Where it was set: for the asset, for its source, or nowhere. */
  saidBy: 'asset' | 'source' | 'default';
  /** Of a learnt calendar. null: too few days to learn from, so it counts as daily. */
  weekdays: Weekdays | null;
  /** Newest day that they were learnt from. */
  learntTo: Day | null;
  /** They are not what is stored. */
  isNewlyLearnt: boolean;
  /** Weekdays that it had once and has no more. They stay expected. */
  lost: Weekdays;
}

type CalendarRow = [
  id: number,
  /** Of the asset itself, and of its source. */
  chosen: string | null,
  said: string | null,
  weekdays: number | null,
  learntTo: Day | null,
  firstDay: Day | null,
  lastDay: Day | null,
];

/** Calendars of these assets, ascending by id; those that dim_assets lacks are left out. */
export async function readCalendars(
  tx: Tx,
  ids: readonly number[],
  expectations: Expectations,
): Promise<AssetCalendar[]> {
  const rows = await tx.query<CalendarRow>(
    `select a.id, a.calendar, e.calendar, c.weekdays, c.learnt_to, s.first_day, s.last_day
     from dim_assets a
     left join asset_calendar c on c.id = a.id
     left join cmc_price_bars_1d_state s on s.id = a.id
     ${joinExpected('e', 's', 2)}
     where a.id = any($1) order by a.id`,
    [ids, ...expectedParameters(expectations)],
  );
  const learnt = await learnAnew(tx, rows.filter(isToLearn));
  const named = await readNamed(tx, [...new Set(rows.map(nameOfRow))]);
  return rows.map((row) => calendarOfRow(row, learnt, named));
}

function nameOfRow([, chosen, said]: CalendarRow): string {
  return chosen ?? said ?? DEFAULT_CALENDAR;
}

function calendarOfRow(
  row: CalendarRow,
  learnt: ReadonlyMap<number, Weekdays | null>,
  named: ReadonlyMap<string, Calendar>,
): AssetCalendar {
  const [id, chosen, said, stored, learntTo, , lastDay] = row;
  const name = nameOfRow(row);
  const fixed = named.get(name);
  const found = learnt.get(id) ?? null;
  const { weekdays, lost } = mergeWeekdays(stored, found);
  const learntCalendar = calendarOfWeekdays(name, weekdays ?? EVERY_DAY);
  return {
    id,
    saidBy: chosen !== null ? 'asset' : said !== null ? 'source' : 'default',
    calendar: fixed ?? learntCalendar,
    past: fixed === undefined || name === 'none' ? learntCalendar : fixed,
    weekdays,
    learntTo: found === null ? learntTo : lastDay,
    isNewlyLearnt: found !== null,
    lost,
  };
}

function isToLearn(row: CalendarRow): boolean {
  const [, , , , learntTo, firstDay, lastDay] = row;
  if (!LEARNING.includes(nameOfRow(row)) || firstDay === null || lastDay === null) return false;
  if (lastDay - firstDay + 1 < FEWEST_LEARNING_DAYS) return false;
  return learntTo === null || lastDay - learntTo >= LEARN_AGAIN_DAYS;
}

/** The weekdays among the last half year of 1D bars. */
async function learnAnew(tx: Tx, rows: readonly CalendarRow[]): Promise<Map<number, Weekdays | null>> {
  if (rows.length === 0) return new Map();
  const counted = await tx.query<[number, number, number]>(
    `select b.id, extract(isodow from b.timestamp at time zone 'UTC')::int, count(*)
     from unnest($1::int[], $2::int[]) as asked (id, last_day)
     join cmc_price_bars_1d b on b.id = asked.id
       and b.timestamp >= (date '1970-01-01' + asked.last_day - ${LEARNING_DAYS} + 1)::timestamp at time zone 'UTC'
     group by 1, 2`,
    [rows.map(([id]) => id), rows.map((row) => row[6])],
  );
  const counts = new Map(rows.map(([id]) => [id, [0, 0, 0, 0, 0, 0, 0]]));
  for (const [id, weekday, count] of counted) (counts.get(id) ?? [])[weekday - 1] = count;
  return new Map(
    rows.map(([id, , , , , first, last]) => {
      const span = Math.min(LEARNING_DAYS, (last ?? 0) - (first ?? 0) + 1);
      return [id, learnWeekdays({ counts: counts.get(id) ?? [], span })];
    }),
  );
}

/** The calendars that do not depend on an asset, by name. One that no table has is left out, and counts as learnt. */
async function readNamed(tx: Tx, names: readonly string[]): Promise<Map<string, Calendar>> {
  const named = new Map<string, Calendar>([
    ['daily', calendarOfWeekdays('daily', EVERY_DAY)],
    ['weekdays', calendarOfWeekdays('weekdays', MONDAY_TO_FRIDAY)],
    ['none', calendarOfWeekdays('none', 0)],
  ]);
  const mics = names.filter((name) => /^[A-Z0-9]{4}$/.test(name));
  if (mics.length === 0) return named;
  // The table of exchanges is loaded by those who need it only.
  const { exchangeCalendar } = await import('../../domain/calendar/exchanges.js');
  const added = await readAddedDays(tx, mics);
  for (const mic of mics) {
    const calendar = exchangeCalendar(mic, added.get(mic));
    if (calendar !== null) named.set(mic, calendar);
  }
  return named;
}

async function readAddedDays(tx: Tx, mics: readonly string[]): Promise<Map<string, AddedDays>> {
  const rows = await tx.query<[string, Day, boolean]>(
    'select mic, day, is_open from dim_exchange_day where mic = any($1) order by mic, day',
    [mics],
  );
  return new Map(
    mics.map((mic) => {
      const days = (isOpen: boolean) =>
        rows.filter((row) => row[0] === mic && row[2] === isOpen).map(([, day]) => day);
      return [mic, { closed: days(false), opened: days(true) }];
    }),
  );
}

/**
 * Chooses the calendar of assets (`ids` null: all active ones; `calendar` null: as their source says); what was learnt or found
 * out of them is forgotten. Returns the ids that had another one.
 */
export async function writeCalendar(
  tx: Tx,
  ids: readonly number[] | null,
  calendar: string | null,
): Promise<number[]> {
  const rows = await tx.query<[number]>(
    `update dim_assets set calendar = $2
     where ($1::int[] is null and active or id = any($1)) and calendar is distinct from $2 returning id`,
    [ids, calendar],
  );
  await tx.execute('delete from asset_calendar where $1::int[] is null or id = any($1)', [ids]);
  return rows.map(([id]) => id).sort((a, b) => a - b);
}

/** Stores what was learnt. */
export async function upsertLearnt(
  tx: Tx,
  learnt: readonly Pick<AssetCalendar, 'id' | 'weekdays' | 'learntTo'>[],
): Promise<void> {
  await tx.execute(
    `insert into asset_calendar (id, weekdays, learnt_to)
     select id, weekdays, date '1970-01-01' + learnt_to from unnest($1::int[], $2::int[], $3::int[])
       as given (id, weekdays, learnt_to) order by id
     on conflict (id) do update set (weekdays, learnt_to) = (excluded.weekdays, excluded.learnt_to)`,
    [learnt.map(({ id }) => id), learnt.map((each) => each.weekdays), learnt.map((each) => each.learntTo)],
  );
}

/** Notes which assets have ceased from today on, and which have come back. */
export async function writeCeased(
  tx: Tx,
  { ceased, returned }: { ceased: readonly number[]; returned: readonly number[] },
): Promise<void> {
  if (ceased.length > 0)
    await tx.execute(
      `insert into asset_calendar (id, ceased_on)
       select id, (now() at time zone 'UTC')::date from unnest($1::int[]) as given (id) order by id
       on conflict (id) do update set ceased_on = excluded.ceased_on`,
      [ceased],
    );
  if (returned.length > 0)
    await tx.execute('update asset_calendar set ceased_on = null where id = any($1)', [returned]);
}

/** A day that a user added to an exchange. */
export interface ExchangeDay {
  mic: string;
  day: Day;
  isOpen: boolean;
  note: string | null;
}

/** Days that were added, by exchange and day. */
export async function listExchangeDays(tx: Tx, mic: string | null): Promise<ExchangeDay[]> {
  const rows = await tx.query<[string, Day, boolean, string | null]>(
    'select mic, day, is_open, note from dim_exchange_day where $1::text is null or mic = $1 order by mic, day',
    [mic],
  );
  return rows.map(([name, day, isOpen, note]) => ({ mic: name, day, isOpen, note }));
}

/** Adds days to an exchange, or changes what was added. */
export async function upsertExchangeDays(tx: Tx, days: readonly ExchangeDay[]): Promise<number> {
  return tx.execute(
    `insert into dim_exchange_day (mic, day, is_open, note)
     select mic, date '1970-01-01' + day, is_open, note
     from unnest($1::text[], $2::int[], $3::boolean[], $4::text[]) as given (mic, day, is_open, note) order by 1, 2
     on conflict (mic, day) do update set (is_open, note) = (excluded.is_open, excluded.note)`,
    [
      days.map(({ mic }) => mic),
      days.map(({ day }) => day),
      days.map(({ isOpen }) => isOpen),
      days.map(({ note }) => note),
    ],
  );
}

/** Takes added days back; returns how many there were. */
export async function deleteExchangeDays(tx: Tx, mic: string, days: readonly Day[]): Promise<number> {
  return tx.execute(
    `delete from dim_exchange_day where mic = $1 and day in (select date '1970-01-01' + d from unnest($2::int[]) d)`,
    [mic, days],
  );
}
