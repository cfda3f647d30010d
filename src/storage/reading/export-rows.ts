/** What files of many series are made of and nothing else reads: 1D bars with all that is known of them, and indicators. */
import type { Day } from '../../domain/calendar/day.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import type { ShownOutput } from '../../domain/indicators/set.js';
import { type ColumnType, readRows } from '../copy/copy.js';
import { alignmentList, timeframeList } from '../series/series.js';
import type { Tx } from '../session/database.js';

/** Columns of cmc_price_bars_1d in its order, without those that say the same in every row; the day comes last. */
export const DAILY_EXPORT_COLUMNS = [
  ['id', 'int4', false],
  ['bar_seq', 'int4', false],
  ['timestamp', 'timestamptz', false],
  ['time_open', 'timestamptz', false],
  ['time_close', 'timestamptz', false],
  ['time_high', 'timestamptz', false],
  ['time_low', 'timestamptz', false],
  ['open', 'float8', false],
  ['high', 'float8', false],
  ['low', 'float8', false],
  ['close', 'float8', false],
  ['volume', 'float8', true],
  ['market_cap', 'float8', true],
  ['src_load_ts', 'timestamptz', true],
  ['repaired_timehigh', 'bool', false],
  ['repaired_timelow', 'bool', false],
  ['repaired_high', 'bool', false],
  ['repaired_low', 'bool', false],
  ['src_name', 'text', true],
  ['src_file', 'text', true],
  ['day', 'date', false],
] as const satisfies readonly (readonly [name: string, type: ColumnType, isNullable: boolean])[];

/** Rows of one asset, by day; cells in the order of DAILY_EXPORT_COLUMNS, as readRows decodes them. */
export function readDailyRows(tx: Tx, id: number): Promise<unknown[][]> {
  const cells = DAILY_EXPORT_COLUMNS.map(([name]) =>
    name === 'day' ? `(timestamp at time zone 'UTC')::date` : name,
  );
  const select = `select ${cells.join(', ')} from cmc_price_bars_1d where id = ${integer(id)} order by bar_seq`;
  return readRows(tx, { select, types: DAILY_EXPORT_COLUMNS.map(([, type]) => type) }, (row) => row);
}

/** The indicators of one asset and alignment, as far as the views show them. */
export interface ShownIndicators {
  alignment: BarAlignment;
  watermarkDay: Day;
  /** Name and version of each indicator that the values were written for. */
  identities: readonly string[];
  outputs: readonly ShownOutput[];
}

/** Those that have a watermark, by alignment. */
export async function readShownIndicators(tx: Tx, id: number): Promise<ShownIndicators[]> {
  const rows = await tx.query<[BarAlignment, Day, string[], string[], number[], number[]]>(
    `select alignment::text, watermark_day, indicators, output, output_of, output_plus
     from indicator_carry c where id = $1 and watermark_day is not null order by c.alignment`,
    [id],
  );
  return rows.map(([alignment, watermarkDay, identities, names, of, plus]) => ({
    ...{ alignment, watermarkDay, identities },
    outputs: names.map((name, at) => ({ name, of: of[at] as number, plus: plus[at] as number })),
  }));
}

/** Stored values of one series at its closes, by day. NaN: none. */
export interface StoredValues {
  tf: string;
  days: Day[];
  values: Float64Array[];
}

/** The values of series of one asset and alignment up to its watermark, by timeframe. */
export async function readStoredValues(
  tx: Tx,
  id: number,
  {
    alignment,
    watermarkDay,
    tfs,
  }: Pick<ShownIndicators, 'alignment' | 'watermarkDay'> & { tfs: readonly string[] },
): Promise<Map<string, StoredValues>> {
  const found = new Map<string, StoredValues>();
  const select = `select tf, day, value from indicator_points
    where id = ${integer(id)} and alignment = any(${alignmentList([alignment])}) and tf = any(${timeframeList(tfs)})
      and day <= date '1970-01-01' + ${integer(watermarkDay)}
    order by tf, bar_seq`;
  await readRows(tx, { select, types: ['text', 'date', 'float8|null[]'] }, ([tf, day, values]) => {
    let series = found.get(tf as string);
    if (series === undefined) {
      series = { tf: tf as string, days: [], values: [] };
      found.set(tf as string, series);
    }
    series.days.push(day as Day);
    series.values.push(values as Float64Array);
    return null;
  });
  return found;
}

/** Names of the outputs that any asset has values of, in their order. */
export async function readOutputNames(tx: Tx): Promise<string[]> {
  const rows = await tx.query<[string]>(
    'select distinct unnest(output) as name from indicator_carry order by name',
  );
  return rows.map(([name]) => name);
}

/** How this database is named in what is exported from it: no password, no host. */
export async function readDatabaseName(tx: Tx): Promise<string> {
  const rows = await tx.query<[string]>('select current_database()');
  return rows[0]?.[0] ?? '';
}

/** COPY takes no parameters: only checked integers go into its text. */
function integer(value: number): number {
  if (!Number.isInteger(value)) throw new Error(`${value} is not an integer`);
  return value;
}
