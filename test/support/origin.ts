/** The tables of the system that barwright replaces, made plainly from its rules: day by day, list by list, every row stored. */

import { DAY_US, type Day } from '../../src/domain/calendar/day.js';
import { parseTimeframe, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import type { DailyBar } from '../../src/domain/prices/daily-bar.js';
import type { Tx } from '../../src/storage/session/database.js';
import { oracleBars } from './bars-oracle.js';
import type { Warehouse } from './warehouse.js';

export const ORIGIN = 'origin';

/** Where theirs is: the schema of their tables, and the table that prices are read from. */
export interface OriginPlace {
  schema: string;
  source: string;
}

const BESIDE: OriginPlace = { schema: ORIGIN, source: 'cmc_price_histories7' };

/** Series that are made; short ones, so that a year and a half holds many bars. */
const ORIGIN_TFS: readonly Timeframe[] = [
  parseTimeframe('multi_tf', '1D'),
  parseTimeframe('multi_tf', '2D'),
  parseTimeframe('multi_tf', '7D'),
  parseTimeframe('cal_us', '1M_CAL'),
  parseTimeframe('cal_iso', '1W_CAL_ISO'),
  parseTimeframe('cal_anchor_us', '9M_CAL_ANCHOR'),
  parseTimeframe('cal_anchor_iso', '1M_CAL_ANCHOR'),
  parseTimeframe('v2', '7D'),
];
const ORIGIN_PERIODS: readonly number[] = [6, 21];

type Row = Record<string, unknown>;

/** Leaves the catalogue of ours with the same series. */
export async function keepOriginSeries(warehouse: Warehouse): Promise<void> {
  const names = ORIGIN_TFS.map(({ alignment, tf }) => `${alignment} ${tf}`);
  await warehouse.execute(`delete from dim_timeframe where alignment::text || ' ' || tf <> all($1)`, [names]);
  await warehouse.execute('delete from dim_period');
  await warehouse.execute('insert into dim_period select unnest($1::int[])', [ORIGIN_PERIODS]);
}

function relationsOf({ alignment, tf }: Timeframe): { bars: string | null; emas: string } {
  const name = alignment === 'multi_tf' ? alignment : `multi_tf_${alignment}`;
  const hasBars = alignment !== 'v2' && tf !== '1D';
  return { bars: hasBars ? `cmc_price_bars_${name}` : null, emas: `cmc_ema_${name}` };
}

/** Makes their tables, empty: every column that SQL users know, and a key. */
export async function createOriginTables(
  warehouse: Warehouse,
  { schema }: OriginPlace = BESIDE,
): Promise<void> {
  const relations = ORIGIN_TFS.map(relationsOf);
  const bars = new Set(relations.flatMap(({ bars: name }) => (name === null ? [] : [name])));
  const emas = new Set(relations.map(({ emas: name }) => name));
  await warehouse.execute(`create schema if not exists ${schema}`);
  for (const name of ['cmc_price_bars_1d', ...bars, ...emas])
    await warehouse.execute(`create table ${schema}.${name} as select * from ${name} with no data`);
  for (const name of bars)
    await warehouse.execute(`create unique index on ${schema}.${name} (id, tf, bar_seq, time_close)`);
  for (const name of emas)
    await warehouse.execute(`create unique index on ${schema}.${name} (id, tf, period, ts)`);
  const { roles } = warehouse;
  if (roles === null) return;
  await warehouse.execute(`grant usage on schema ${schema} to ${roles.reader}, ${roles.runner}`);
  await warehouse.execute(
    `grant select on all tables in schema ${schema} to ${roles.reader}, ${roles.runner}`,
  );
}

/** Fills them with an asset, whose 1D bars of ours are there. */
export async function writeOrigin(
  warehouse: Warehouse,
  id: number,
  { schema, source }: OriginPlace = BESIDE,
): Promise<void> {
  const insert = (tx: Tx, table: string, rows: readonly Row[]) => insertRows(tx, `${schema}.${table}`, rows);
  const { accepted, raw } = await warehouse.database.read((tx) => readOriginDays(tx, id, source));
  await warehouse.database.transaction(async (tx) => {
    await insert(
      tx,
      'cmc_price_bars_1d',
      accepted.map((bar) => ({ id, ...dailyRow(bar) })),
    );
    for (const timeframe of ORIGIN_TFS) {
      const { bars, emas } = relationsOf(timeframe);
      const snapshots = bars === null ? [] : listSnapshots(timeframe, raw);
      if (bars !== null)
        await insert(
          tx,
          bars,
          snapshots.map((row) => ({ id, tf: timeframe.tf, ...row })),
        );
      const closing = new Set(
        snapshots.filter((row) => row.is_partial_end === false).map((row) => row.time_close),
      );
      const grid = ORIGIN_PERIODS.flatMap((period) =>
        listEmas(timeframe, period, { days: accepted, closing }),
      );
      await insert(
        tx,
        emas,
        grid.map((row) => ({ id, tf: timeframe.tf, ...row })),
      );
    }
  });
}

function insertRows(tx: Tx, table: string, rows: readonly Row[]): Promise<number> {
  return tx.execute(
    `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}

/** Their days: none with a NULL volume or market cap; `raw` has the extremes as they were delivered. */
async function readOriginDays(
  tx: Tx,
  id: number,
  source: string,
): Promise<{ accepted: DailyBar[]; raw: DailyBar[] }> {
  const rows = await tx.query<number[]>(
    `select b.timestamp::date, b.time_open, b.time_close, b.time_high, b.time_low, b.open, b.high, b.low, b.close,
       b.volume, b.market_cap, s.timehigh, s.timelow, s.high, s.low
     from cmc_price_bars_1d b join ${source} s on s.id = b.id and s.timestamp = b.timestamp
     where b.id = $1 and b.volume is not null and b.market_cap is not null order by b.timestamp`,
    [id],
  );
  const accepted: DailyBar[] = [];
  const raw: DailyBar[] = [];
  for (const [index, cells] of rows.entries()) {
    const [day, timeOpenUs, timeCloseUs, timeHighUs, timeLowUs, open, high, low, close, volume, marketCap] =
      cells as [number, number, number, number, number, number, number, number, number, number, number];
    const [rawHighUs, rawLowUs, rawHigh, rawLow] = cells.slice(11) as [number, number, number, number];
    const bar = {
      ...{ barSeq: index + 1, day, timestampUs: timeCloseUs, timeOpenUs, timeCloseUs, timeHighUs, timeLowUs },
      ...{ open, high, low, close, volume, marketCap },
      ...{ repairedTimeHigh: rawHighUs !== timeHighUs, repairedTimeLow: rawLowUs !== timeLowUs },
      ...{ repairedHigh: rawHigh !== high, repairedLow: rawLow !== low },
      ...{ srcName: null, srcFile: null, srcLoadTsUs: null },
    };
    accepted.push(bar);
    raw.push({ ...bar, timeHighUs: rawHighUs, timeLowUs: rawLowUs, high: rawHigh, low: rawLow });
  }
  return { accepted, raw };
}

const timeOf = (us: number): string => new Date(us / 1000).toISOString();
const dayOf = (day: Day | null): string | null =>
  day === null ? null : timeOf(day * DAY_US).slice(0, 'YYYY-MM-DD'.length);

function dailyRow(bar: DailyBar): Row {
  return {
    ...{
      timestamp: timeOf(bar.timestampUs),
      tf: '1D',
      bar_seq: bar.barSeq,
      time_open: timeOf(bar.timeOpenUs),
    },
    ...{
      time_close: timeOf(bar.timeCloseUs),
      time_high: timeOf(bar.timeHighUs),
      time_low: timeOf(bar.timeLowUs),
    },
    ...{ open: bar.open, high: bar.high, low: bar.low, close: bar.close },
    ...{ volume: bar.volume, market_cap: bar.marketCap },
    ...{ repaired_timehigh: bar.repairedTimeHigh, repaired_timelow: bar.repairedTimeLow },
    ...{ repaired_high: bar.repairedHigh, repaired_low: bar.repairedLow },
  };
}

/** A row after every day; of months that do not divide a year two rows a day where groups overlap. */
function listSnapshots(timeframe: Timeframe, days: readonly DailyBar[]): Row[] {
  if (timeframe.tf === '9M_CAL_ANCHOR') return listGroups(days, 9);
  return days.flatMap((_, index) => {
    const newest = oracleBars(timeframe, days.slice(0, index + 1)).newest;
    if (newest === null) return [];
    const { bar, isClosed } = newest;
    return [
      {
        ...{ tf_days: bar.tfDays, bar_seq: bar.barSeq, open: bar.open, high: bar.high, low: bar.low },
        ...{ close: bar.close, volume: bar.volume, market_cap: bar.marketCap },
        ...{ time_open: timeOf(bar.timeOpenUs), time_close: timeOf(bar.timeCloseUs) },
        ...{ time_high: timeOf(bar.timeHighUs), time_low: timeOf(bar.timeLowUs) },
        ...{ timestamp: timeOf(bar.timeCloseUs), last_ts_half_open: timeOf(bar.timeCloseUs + 1000) },
        ...{ pos_in_bar: bar.countDays, count_days: bar.countDays, is_partial_end: !isClosed },
        ...{ is_partial_start: bar.isPartialStart, count_days_remaining: bar.countDaysRemaining },
        ...{ is_missing_days: bar.countMissingDays > 0, count_missing_days: bar.countMissingDays },
        ...missingOf(bar.firstDay, bar),
        ...offsetOf(timeframe, bar.firstDay, days[0]?.day ?? 0),
      },
    ];
  });
}

/** No history here begins with a gap inside a window, so that a gap before the first row is one behind the window's start. */
function missingOf(
  firstDay: Day,
  bar: { countMissingDays: number; firstMissingDay: Day | null; lastMissingDay: Day | null },
): Row {
  const { countMissingDays, firstMissingDay, lastMissingDay } = bar;
  const start = firstMissingDay !== null && firstMissingDay < firstDay ? firstDay - firstMissingDay : 0;
  const interior = countMissingDays - start;
  const places = [...(start > 0 ? ['start'] : []), ...(interior > 0 ? ['interior'] : [])];
  return {
    ...{ count_missing_days_start: start, count_missing_days_end: 0, count_missing_days_interior: interior },
    missing_days_where: places.join() || null,
    ...{ first_missing_day: dayOf(firstMissingDay), last_missing_day: dayOf(lastMissingDay) },
  };
}

/** Of anchored months: days from the first of one month to that of another. */
function offsetOf({ alignment }: Timeframe, firstDay: Day, assetDay: Day): Row {
  if (!alignment.startsWith('cal_anchor')) return {};
  const monthOf = (day: Day) => Date.parse(`${dayOf(day)?.slice(0, 'YYYY-MM'.length)}-01`);
  return { bar_anchor_offset: (monthOf(firstDay) - monthOf(assetDay)) / (DAY_US / 1000) };
}

function listGroups(days: readonly DailyBar[], count: number): Row[] {
  return days.flatMap(({ day }) => {
    const year = Number(dayOf(day)?.slice(0, 4));
    const starts = [year - 1, year].flatMap((each) =>
      Array.from({ length: Math.ceil(12 / count) }, (_, index) => [each, index * count] as const),
    );
    return starts.flatMap(([each, month]) => {
      const [start, end] = [month, month + count].map((at) => (Date.UTC(each, at, 1) * 1000) / DAY_US) as [
        Day,
        Day,
      ];
      if (day < start || day >= end) return [];
      const rows = days.filter((row) => row.day >= start && row.day <= day);
      const [first, last] = [rows[0] as DailyBar, rows.at(-1) as DailyBar];
      return [
        {
          ...{ bar_seq: (each * 12 + month) / 3, time_open: timeOf(first.timeOpenUs), open: first.open },
          ...{ time_close: timeOf(last.timeCloseUs), close: last.close },
          high: Math.max(...rows.map(({ high }) => high)),
          low: Math.min(...rows.map(({ low }) => low)),
          volume: rows.reduce((sum, { volume }) => sum + (volume ?? 0), 0),
          is_partial_end: day < end - 1,
        },
      ];
    });
  });
}

/** The grid of one period: ema chains over days, ema_bar is one step from the last close. */
function listEmas(
  { alignment, tf, nominalDays }: Timeframe,
  period: number,
  { days, closing }: { days: readonly DailyBar[]; closing: ReadonlySet<unknown> },
): Row[] {
  const isV2 = alignment === 'v2';
  const length = isV2 ? nominalDays * period : period;
  const [alpha, alphaOfDay] = [2 / (length + 1), 2 / (nominalDays * period + 1)];
  const inputs: number[] = [];
  let [daily, barred] = [Number.NaN, Number.NaN];
  const rows: Row[] = [];
  for (const [index, { close, timeCloseUs }] of days.entries()) {
    const isInput = isV2 || tf === '1D' || closing.has(timeOf(timeCloseUs));
    if (isInput) {
      inputs.push(close);
      if (inputs.length === length) barred = inputs.reduce((sum, value) => sum + value, 0) / length;
      else if (inputs.length > length) barred = alpha * close + (1 - alpha) * barred;
    }
    if (Number.isNaN(barred)) continue;
    if (isV2) daily = barred;
    else daily = Number.isNaN(daily) ? barred : alphaOfDay * close + (1 - alphaOfDay) * daily;
    const roll = isV2 ? (index + 1) % nominalDays !== 0 : !isInput;
    const bar = isInput ? barred : alpha * close + (1 - alpha) * barred;
    rows.push({
      ...{ ts: timeOf(timeCloseUs), period, tf_days: nominalDays, roll, roll_bar: roll, ema: daily },
      ema_bar: isV2 ? null : bar,
    });
  }
  addDifferences(rows, ['ema', 'd1_roll', 'd2_roll']);
  addDifferences(
    rows.filter(({ roll }) => roll === false),
    ['ema', 'd1', 'd2'],
  );
  if (isV2) return rows;
  addDifferences(rows, ['ema_bar', 'd1_roll_bar', 'd2_roll_bar']);
  addDifferences(
    rows.filter(({ roll }) => roll === false),
    ['ema_bar', 'd1_bar', 'd2_bar'],
  );
  return rows;
}

function addDifferences(rows: readonly Row[], [value, first, second]: [string, string, string]): void {
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    if (before === undefined) continue;
    row[first] = Number(row[value]) - Number(before[value]);
    if (before[first] !== undefined) row[second] = Number(row[first]) - Number(before[first]);
  }
}
