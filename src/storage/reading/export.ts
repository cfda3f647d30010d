/** One series as CSV, by COPY: the columns of the views, in the order of days, never more than a chunk in memory. */
import pg from 'pg';
import { type Day, formatDay } from '../../domain/calendar/day.js';
import { ALIGNMENTS, type Alignment } from '../../domain/calendar/timeframe.js';
import { UsageError } from '../../domain/text/errors.js';
import { readPeriods, readTimeframes } from '../assets/dimensions.js';
import type { Tx } from '../session/database.js';

export const EXPORTS = ['daily', 'bars', 'emas', 'indicators'] as const;
export type ExportKind = (typeof EXPORTS)[number];

/** What was asked for, as it was typed; null: not given. */
export interface ExportRequest {
  kind: ExportKind;
  id: number;
  tf: string | null;
  /** null: the first alignment that has the timeframe. */
  alignment: Alignment | null;
  period: number | null;
  /** Name of an output: rsi_14, macd_12_26_9.signal. */
  indicator: string | null;
  /** Both inclusive; null: no bound. */
  fromDay: Day | null;
  toDay: Day | null;
  /** Bars as of every day, the open bar too. */
  hasSnapshots: boolean;
}

/**
 * The CSV of a series, header first, as the server's chunks. A series without rows is its header.
 * Throws UsageError, before the first chunk, for an asset, timeframe, alignment, period or indicator that there is not.
 */
export async function* readExport(tx: Tx, request: ExportRequest): AsyncGenerator<Buffer> {
  if (!(await findIsKnown(tx, request.id)))
    throw new UsageError(`no such asset: ${request.id}; "barwright asset list" shows them`);
  const select = request.kind === 'daily' ? await selectDaily(tx, request) : await selectSeries(tx, request);
  yield* tx.copyOut(`copy (${select}) to stdout (format csv, header)`);
}

/** Whether there is anything under this id. */
export async function findIsKnown(tx: Tx, id: number): Promise<boolean> {
  const rows = await tx.query<[boolean]>(
    `select exists (select from dim_assets where id = $1)
       or exists (select from cmc_price_bars_1d_state where id = $1)`,
    [id],
  );
  return rows[0]?.[0] === true;
}

/** COPY takes no parameters: values of checked types, quoted by the driver. */
const literal = {
  integer: (value: number): string => {
    if (!Number.isInteger(value)) throw new Error(`${value} is not an integer`);
    return String(value);
  },
  day: (day: Day | null): string =>
    day === null ? 'null::date' : `${pg.escapeLiteral(dateText(day))}::date`,
  text: (text: string): string => `${pg.escapeLiteral(text)}::text`,
};

/** PostgreSQL's spelling of a date; parseDay takes years of four digits from 0000 on, and there is no year 0 here. */
function dateText(day: Day): string {
  const text = formatDay(day);
  if (!/^(?!0000)\d{4}-/.test(text))
    throw new UsageError(`a day of the years 1 to 9999 was expected, got "${text}"`);
  return text;
}

async function selectDaily(
  tx: Tx,
  { id, fromDay, toDay, tf, period, alignment, indicator, hasSnapshots }: ExportRequest,
): Promise<string> {
  if ([tf, period, alignment, indicator].some((value) => value !== null) || hasSnapshots)
    throw new UsageError('export daily takes --id, --from and --to only');
  return `select ${await listCells(tx, 'cmc_price_bars_1d')} from cmc_price_bars_1d where id = ${literal.integer(id)}
      and timestamp >= coalesce(${literal.day(fromDay)}, '-infinity')::timestamp at time zone 'UTC'
      and timestamp < coalesce(${literal.day(toDay)} + 1, 'infinity')::timestamp at time zone 'UTC'
    order by bar_seq`;
}

/** With an apostrophe before it a spreadsheet shows such a text; without, it would compute the text, and anyone may have written the file of prices. */
const FORMULA = `^[[:space:][:cntrl:]]*[=+@-]|^[\\t\\r\\n]`;

/** The columns of a table or view of ours, in their order, texts as cells that no spreadsheet takes for formulas. */
async function listCells(tx: Tx, relation: string): Promise<string> {
  const columns = await tx.query<[string, boolean]>(
    `select quote_ident(attname), atttypid in ('text'::regtype, 'varchar'::regtype) from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attname <> 'ingested_at' order by attnum`,
    [relation],
  );
  const cells = columns.map(([name, isText]) =>
    isText ? `regexp_replace(${name}, ${pg.escapeLiteral(`(${FORMULA})`)}, '''\\1') as ${name}` : name,
  );
  return cells.join(', ');
}

async function selectSeries(tx: Tx, request: ExportRequest): Promise<string> {
  const { kind, tf, period, indicator } = request;
  if (tf === null) throw new UsageError(`export ${kind} expects a timeframe: --tf 7D`);
  if (kind === 'bars' && tf === '1D') throw new UsageError('1D bars are exported with "export daily"');
  if (kind !== 'emas' && period !== null) throw new UsageError('--period is for "export emas"');
  if (kind !== 'indicators' && indicator !== null)
    throw new UsageError('--indicator is for "export indicators"');
  if (kind !== 'bars' && request.hasSnapshots) throw new UsageError('--snapshots is for "export bars"');
  const alignment = await findAlignment(tx, request, tf);
  const args = (...middle: string[]) =>
    [
      literal.integer(request.id),
      literal.text(tf),
      ...middle,
      literal.day(request.fromDay),
      literal.day(request.toDay),
      literal.text(alignment),
    ].join(', ');
  if (kind === 'bars') {
    const cells = await listCells(tx, 'price_bars_daily');
    return `select ${cells} from bar_series(${args()})${request.hasSnapshots ? '' : ' where not is_partial_end'} order by timestamp`;
  }
  if (kind === 'indicators') {
    const name = await findOutput(tx, request);
    const cells = await listCells(tx, 'indicators');
    return `select ${cells} from indicator_series(${args(literal.text(name))}) order by day`;
  }
  const periods = await readPeriods(tx);
  if (period === null)
    throw new UsageError(`export emas expects a period, one of ${periods.join(', ')}: --period 21`);
  if (!periods.includes(period))
    throw new UsageError(`no period ${period} in dim_period, which has ${periods.join(', ')}`);
  const cells = await listCells(tx, 'cmc_ema_multi_tf');
  return `select ${cells} from ema_series(${args(literal.integer(period))}) order by ts`;
}

/** The output that is meant. Throws UsageError where the asset has no values of it. */
async function findOutput(tx: Tx, { id, indicator }: ExportRequest): Promise<string> {
  const rows = await tx.query<[string]>(
    'select distinct unnest(output) as name from indicator_carry where id = $1 order by name',
    [id],
  );
  const names = rows.map(([name]) => name);
  if (indicator !== null && names.includes(indicator)) return indicator;
  if (names.length === 0)
    throw new UsageError(
      `ID ${id} has no indicators; "barwright indicator list" shows which are active, "barwright indicators" computes them`,
    );
  const what = indicator === null ? 'export indicators expects a name' : `no values of "${indicator}"`;
  throw new UsageError(`${what}, ID ${id} has ${names.join(', ')}: --indicator ${names[0]}`);
}

/** The alignment that is meant with this timeframe. Throws UsageError where there is none. */
export async function findAlignment(
  tx: Tx,
  { kind, alignment }: Pick<ExportRequest, 'kind' | 'alignment'>,
  tf: string,
): Promise<Alignment> {
  const timeframes = (await readTimeframes(tx)).filter((each) => kind === 'emas' || each.alignment !== 'v2');
  const having = timeframes.filter((each) => each.tf === tf).map((each) => each.alignment);
  const found = ALIGNMENTS.find((each) => having.includes(each) && (alignment ?? each) === each);
  if (found !== undefined) return found;
  if (having.length > 0)
    throw new UsageError(
      `no ${kind} of timeframe "${tf}" in ${alignment}; it has them in ${having.join(', ')}`,
    );
  throw new UsageError(`no timeframe "${tf}" in dim_timeframe (examples: 7D, 1W_CAL_ISO, 3M_CAL)`);
}
