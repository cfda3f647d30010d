/** Calendars against PostgreSQL's own date functions, for every day from 1970 to 2100. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { familyOf } from '../../src/domain/bars/families/index.js';
import { civilOfDay, type Day, formatDay, parseDay } from '../../src/domain/calendar/day.js';
import {
  BAR_ALIGNMENTS,
  type BarAlignment,
  hasBars,
  TIMEFRAMES,
  type Timeframe,
  type Unit,
} from '../../src/domain/calendar/timeframe.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

const FIRST = parseDay('1970-01-01');
const LAST = parseDay('2100-12-31');

/** Days on which an asset may begin: boundaries, days beside them, leap days, years with 53 ISO weeks. */
const ORIGINS = [...['1970-01-01', '1972-02-29', '1976-12-31', '2000-02-29', '2020-12-28', '2021-01-03']].map(
  parseDay,
);

let server: TestDatabase;
beforeAll(async () => {
  server = await createEmptyDatabase();
});
afterAll(() => server.drop());

/** First days of windows, ascending, as PostgreSQL finds them. */
async function readStarts(sql: string, params: readonly unknown[]): Promise<Day[]> {
  const rows = await server.database.read((tx) => tx.query<[Day]>(sql, params));
  return rows.map(([day]) => day);
}

const SQL_UNITS: Readonly<Record<Unit, string>> = { D: 'days', W: 'weeks', M: 'months', Y: 'years' };

/** Which days begin a unit: $2 is the weekday that weeks begin on, 0 for Sunday. */
const IS_BOUNDARY: Readonly<Record<Unit, string>> = {
  D: 'true',
  W: 'extract(dow from day) = $2::int',
  M: 'extract(day from day) = 1 and $2::int is not null',
  Y: 'extract(doy from day) = 1 and $2::int is not null',
};

/** Windows from the first boundary on or after an asset's first day ($1), each as many units long as $3 says. */
const alignedSql = (unit: Unit): string => `
  with boundary as (
    select min(day) as first from generate_series($1::date, $1::date + 370, interval '1 day') day
    where ${IS_BOUNDARY[unit]})
  select (first + n * $3::int * interval '1 ${SQL_UNITS[unit]}')::date
  from boundary, generate_series(0, 7000) n
  where first + n * $3::int * interval '1 ${SQL_UNITS[unit]}' < date '2130-01-01' order by 1`;

/** Windows at the same dates for everybody: groups of $1 weeks from a date ($2), of months and of years from year 0. */
const ANCHORED_SQL: Readonly<Record<Exclude<Unit, 'D'>, string>> = {
  W: `select distinct date_bin($1 * interval '7 days', day, $2::timestamp)::date
      from generate_series(timestamp '1965-01-01', timestamp '2130-01-01', interval '1 day') day order by 1`,
  M: `select day::date from generate_series(timestamp '1900-01-01', timestamp '2200-01-01', interval '1 month') day
      where mod(extract(year from day)::int * 12 + extract(month from day)::int - 1, $1) = 0
        and $2::date is not null order by 1`,
  Y: `select date_trunc('year', day)::date
      from generate_series(timestamp '1900-01-01', timestamp '2200-01-01', interval '1 year') day
      where mod(extract(year from day)::int, $1) = 0 and $2::date is not null order by 1`,
};

const startsOnSunday = (alignment: BarAlignment) => alignment.endsWith('us');

function startsOf({ alignment, unit, count }: Timeframe, origin: Day): Promise<Day[]> {
  const isSunday = startsOnSunday(alignment as BarAlignment);
  if (alignment.startsWith('cal_anchor')) {
    if (unit === 'D') throw new Error('no calendar has days');
    return readStarts(ANCHORED_SQL[unit], [count, isSunday ? '1970-01-04' : '1970-01-05']);
  }
  return readStarts(alignedSql(unit), [formatDay(origin), isSunday ? 0 : 1, count]);
}

/** Every day whose window is another one than that of these starts, in words; a few at most. */
function differencesOf(timeframe: Timeframe, origin: Day, starts: readonly Day[]): string[] {
  const family = familyOf(timeframe.alignment as BarAlignment);
  const differences: string[] = [];
  let at = starts.findLastIndex((start) => start <= origin);
  const firstAt = timeframe.alignment.startsWith('cal_anchor') ? at : 0;
  for (let day = origin; day <= LAST && differences.length < 3; day += 1) {
    while ((starts[at + 1] ?? Number.POSITIVE_INFINITY) <= day) at += 1;
    const found = family.windowAt(day, timeframe, origin);
    const expected =
      at < 0 ? null : { seq: at - firstAt + 1, start: starts[at], end: starts[at + 1] ?? Number.NaN };
    if (found?.seq !== expected?.seq || found?.start !== expected?.start || found?.end !== expected?.end) {
      const words = [
        timeframe.alignment,
        timeframe.tf,
        formatDay(day),
        'of an asset since',
        formatDay(origin),
      ];
      differences.push(`${words.join(' ')}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
    }
  }
  return differences;
}

test('every day has the date that PostgreSQL gives it', async () => {
  const rows = await server.database.read((tx) =>
    tx.query<[string, number, number, number]>(
      `select to_char(day, 'YYYY-MM-DD'), extract(year from day)::int, extract(month from day)::int,
         extract(day from day)::int
       from generate_series(timestamp '1970-01-01', timestamp '2100-12-31', interval '1 day') day order by day`,
    ),
  );
  expect(rows).toHaveLength(LAST - FIRST + 1);
  const ours = rows.map((_, day) => {
    const { year, month, dayOfMonth } = civilOfDay(day);
    return [formatDay(day), year, month, dayOfMonth];
  });
  expect(ours).toEqual(rows);
  expect(rows.map(([text]) => parseDay(text))).toEqual(rows.map((_, day) => day));
});

for (const alignment of BAR_ALIGNMENTS.filter((each) => each !== 'multi_tf')) {
  test(`${alignment}: every day of every timeframe lies in the window that PostgreSQL puts it in`, async () => {
    const timeframes = TIMEFRAMES.filter(hasBars).filter((each) => each.alignment === alignment);
    expect(timeframes).toHaveLength(33);
    const differences: string[] = [];
    for (const timeframe of timeframes) {
      const origins = alignment.startsWith('cal_anchor') ? ORIGINS.slice(0, 2) : ORIGINS;
      for (const origin of origins) {
        const starts = await startsOf(timeframe, origin);
        expect(starts.length).toBeGreaterThan(1);
        differences.push(...differencesOf(timeframe, origin, starts));
      }
    }
    expect(differences).toEqual([]);
  });
}

test('ISO weeks: one window is one ISO week, and years have a week 53 where PostgreSQL says so', async () => {
  const rows = await server.database.read((tx) =>
    tx.query<[Day, string, number]>(
      `select day::date, to_char(day, 'IYYY-IW'), extract(isodow from day)::int
       from generate_series(timestamp '1970-01-05', timestamp '2100-12-31', interval '1 day') day order by day`,
    ),
  );
  const week = TIMEFRAMES.find(({ tf }) => tf === '1W_CAL_ISO') as Timeframe;
  const weekOfWindow = new Map<number, string>();
  for (const [day, isoWeek, isoWeekday] of rows) {
    const window = familyOf('cal_iso').windowAt(day, week, FIRST);
    const known = weekOfWindow.get(window?.seq ?? 0);
    if (known === undefined) weekOfWindow.set(window?.seq ?? 0, isoWeek);
    expect([known ?? isoWeek, day - (window?.start ?? 0) + 1]).toEqual([isoWeek, isoWeekday]);
  }
  const weeks = [...weekOfWindow.values()];
  expect(new Set(weeks).size).toBe(weeks.length);
  // 28 December always lies in the last week of its ISO year.
  const longYears = await server.database.read((tx) =>
    tx.query<[string]>(
      `select year || '-53' from generate_series(1970, 2100) year
       where extract(week from make_date(year, 12, 28)) = 53 order by year`,
    ),
  );
  expect(longYears.length).toBeGreaterThan(20);
  expect(weeks.filter((each) => each.endsWith('-53'))).toEqual(longYears.map(([text]) => text));
});
