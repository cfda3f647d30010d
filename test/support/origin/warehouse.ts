/** A warehouse of the replaced system beside ours: tables with its columns, filled by its rules. */
import { parseTimeframe, type Timeframe } from '../../../src/domain/calendar/timeframe.js';
import type { Warehouse } from '../warehouse.js';
import { cmcSnapshots, headDay, headSnapshots } from './bars.js';
import { type Cells, dailyBar, type GivenRow, readGiven } from './days.js';
import { emaRows } from './emas.js';

export const ORIGIN = 'origin';

/** Where theirs is: the schema of their tables, and the table that prices are read from. */
export interface OriginPlace {
  schema: string;
  source: string;
  /** Left out: three. */
  periods?: readonly number[];
}

const BESIDE: OriginPlace = { schema: ORIGIN, source: 'cmc_price_histories7' };

/** Series that are made; short ones, so that a year and a half holds many bars. */
const SERIES: readonly Timeframe[] = [
  parseTimeframe('multi_tf', '1D'),
  parseTimeframe('multi_tf', '2D'),
  parseTimeframe('multi_tf', '7D'),
  parseTimeframe('cal_us', '1M_CAL'),
  parseTimeframe('cal_us', '1W_CAL_US'),
  parseTimeframe('cal_iso', '1W_CAL_ISO'),
  parseTimeframe('cal_iso', '1M_CAL'),
  parseTimeframe('cal_anchor_us', '9M_CAL_ANCHOR'),
  parseTimeframe('cal_anchor_us', '2W_CAL_ANCHOR_US'),
  parseTimeframe('cal_anchor_iso', '1M_CAL_ANCHOR'),
  parseTimeframe('v2', '7D'),
];
const PERIODS: readonly number[] = [3, 6, 21];

/** Leaves the catalogue of ours with the same series. */
export async function keepOriginSeries(warehouse: Warehouse): Promise<void> {
  const names = SERIES.map(({ alignment, tf }) => `${alignment} ${tf}`);
  await warehouse.execute(`delete from dim_timeframe where alignment::text || ' ' || tf <> all($1)`, [names]);
  await warehouse.execute('delete from dim_period');
  await warehouse.execute('insert into dim_period select unnest($1::int[])', [PERIODS]);
}

const sourceOf = (alignment: string) => (alignment === 'multi_tf' ? alignment : `multi_tf_${alignment}`);

const BAR = `id int, tf text, tf_days int, bar_seq int, <anchor> time_open timestamptz, time_close timestamptz,
  time_high timestamptz, time_low timestamptz, open float8, high float8, low float8, close float8, volume float8,
  market_cap float8, timestamp timestamptz, last_ts_half_open timestamptz, pos_in_bar int, is_partial_start boolean,
  is_partial_end boolean, count_days_remaining int, is_missing_days boolean, count_days int, count_missing_days int,
  count_missing_days_start int, count_missing_days_end int, count_missing_days_interior int, missing_days_where text,
  first_missing_day date, last_missing_day date, ingested_at timestamptz default now()`;
const EMA = `id int, tf text, ts timestamptz, period int, tf_days int, roll boolean, ema float8, d1 float8, d2 float8,
  d1_roll float8, d2_roll float8, <bar> ingested_at timestamptz default now()`;
const EMA_BAR =
  'ema_bar float8, d1_bar float8, d2_bar float8, roll_bar boolean, d1_roll_bar float8, d2_roll_bar float8,';
const HEAD_BAR = `id int, timestamp timestamptz, tf text, tf_days int, bar_seq int, alignment_source text, pos_in_bar int,
  count_days int, count_days_remaining int, time_open_bar timestamptz, time_close_bar timestamptz, open float8,
  high float8, low float8, close float8, volume float8, market_cap float8, time_high timestamptz, time_low timestamptz,
  is_partial_start boolean, is_partial_end boolean, time_open timestamptz, time_close timestamptz,
  last_ts_half_open timestamptz, is_missing_days boolean, count_missing_days int, count_missing_days_start int,
  count_missing_days_end int, count_missing_days_interior int, missing_days_where text, first_missing_day date,
  last_missing_day date, repaired_timehigh boolean, repaired_timelow boolean, repaired_high boolean,
  repaired_low boolean, repaired_open boolean, repaired_close boolean, repaired_volume boolean,
  repaired_market_cap boolean, src_name text, src_load_ts timestamptz, src_file text,
  ingested_at timestamptz default now(), venue_id int, bar_anchor_offset int`;

/** Their tables by name, with the columns that they have there. */
function tables(): [name: string, columns: string][] {
  const days = `id int, timestamp timestamptz, tf text, bar_seq bigint, time_open timestamptz, time_close timestamptz,
    time_high timestamptz, time_low timestamptz, open float8, high float8, low float8, close float8, volume float8,
    market_cap float8, is_partial_start boolean, is_partial_end boolean, is_missing_days boolean, src_name text,
    src_load_ts timestamptz, src_file text, repaired_timehigh boolean, repaired_timelow boolean`;
  const alignments = [...new Set(SERIES.map(({ alignment }) => alignment))];
  return [
    ['cmc_price_bars_1d', days],
    ...alignments
      .filter((alignment) => alignment !== 'v2')
      .map((alignment): [string, string] => [
        `cmc_price_bars_${sourceOf(alignment)}`,
        BAR.replace('<anchor>', alignment.includes('anchor') ? 'bar_anchor_offset int,' : ''),
      ]),
    ...alignments.map((alignment): [string, string] => [
      `cmc_ema_${sourceOf(alignment)}`,
      EMA.replace('<bar>', alignment.startsWith('cal') ? EMA_BAR : ''),
    ]),
    ['price_bars_multi_tf_u', HEAD_BAR],
    [
      'ema_multi_tf_u',
      `id int, venue_id int, ts timestamptz, tf text, period int, tf_days int, roll boolean, ema float8, ema_bar float8,
       is_partial_end boolean, ingested_at timestamptz default now(), alignment_source text`,
    ],
  ];
}

/** Makes their tables, empty. */
export async function createOriginTables(
  warehouse: Warehouse,
  { schema }: OriginPlace = BESIDE,
): Promise<void> {
  await warehouse.execute(`create schema if not exists ${schema}`);
  for (const [name, columns] of tables())
    await warehouse.execute(`create table ${schema}.${name} (${columns})`);
  const { roles } = warehouse;
  if (roles === null) return;
  await warehouse.execute(`grant usage on schema ${schema} to ${roles.reader}, ${roles.runner}`);
  await warehouse.execute(
    `grant select on all tables in schema ${schema} to ${roles.reader}, ${roles.runner}`,
  );
}

/** Fills them with an asset: those of the `cmc_` names from rows as delivered, those of its head from its 1D bars. */
export async function writeOrigin(
  warehouse: Warehouse,
  id: number,
  { schema, source, periods = PERIODS }: OriginPlace = BESIDE,
): Promise<void> {
  const given = await readGiven(warehouse, id, source);
  const bars = (isHead: boolean) => given.flatMap((row, index) => dailyBar(row, index + 1, isHead) ?? []);
  const [cmc, head] = [bars(false), bars(true)];
  const insert = (table: string, rows: readonly Cells[], more: Cells = {}) =>
    warehouse.execute(
      `insert into ${schema}.${table} select * from jsonb_populate_recordset(null::${schema}.${table}, $1::jsonb)`,
      [JSON.stringify(rows.map((row) => ({ id, ...more, ...row })))],
    );
  await insert(
    'cmc_price_bars_1d',
    cmc.map(({ cells }) => cells),
  );
  await insert('price_bars_multi_tf_u', head.map(headDay), { alignment_source: 'multi_tf', venue_id: 1 });
  for (const timeframe of SERIES) {
    const { alignment, tf } = timeframe;
    const name = sourceOf(alignment);
    const ofHead = { alignment_source: name, venue_id: 1, tf };
    const hasBars = alignment !== 'v2' && tf !== '1D';
    const snapshots = hasBars ? cmcSnapshots(alignment, tf, given) : [];
    const ofTheHead = hasBars ? headSnapshots(tf, head) : [];
    if (hasBars) {
      await insert(`cmc_price_bars_${name}`, snapshots);
      await insert('price_bars_multi_tf_u', ofTheHead, ofHead);
    }
    for (const period of periods) {
      const order = { alignment, tf, tfDays: timeframe.nominalDays, period };
      const days: readonly GivenRow[] = alignment === 'v2' ? cmc : given;
      const rows = emaRows({ ...order, isHead: false }, days, closingOf(tf, snapshots, days));
      await insert(`cmc_ema_${name}`, rows, { tf });
      if (alignment === 'v2') continue;
      const rowsOfHead = emaRows({ ...order, isHead: true }, head, closingOf(tf, ofTheHead, head));
      await insert('ema_multi_tf_u', rowsOfHead, ofHead);
    }
  }
}

function closingOf(tf: string, snapshots: readonly Cells[], days: readonly GivenRow[]): Set<number> {
  if (tf === '1D') return new Set(days.map(({ ts }) => ts));
  const closed = snapshots.filter((row) => row.is_partial_end === false);
  return new Set(closed.map((row) => Date.parse(String(row.time_close))));
}
