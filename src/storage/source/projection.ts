/** A description of a table compiled to SQL: its rows with our names and types. The one place where that happens. */
import type { ColumnRole, SourceDescription } from '../../domain/source/description.js';
import { quoteIdentifier } from '../session/database.js';

/** SQL over the alias `src` of one relation. */
export interface Projection {
  /** What is compared with ids: the column as it is, so that an index is used, or a number. */
  idColumn: string;
  /** The row's stamp: a timestamptz on its day. */
  ts: string;
  /** The column that the stamp comes from, in whose order rows are read by an index. */
  raw: string;
  /** Columns by our names, without id and ts. */
  columns: Readonly<Record<OurColumn, string>>;
  hasLoadTs: boolean;
  /** A condition on the raw column that every row after (up to) a time fulfils; `time` is SQL of a timestamptz. */
  rawAfter: (time: string) => string;
  rawUpTo: (time: string) => string;
  /** SQL for "the raw column names a time". */
  isFinite: string;
}

export const OUR_COLUMNS = [
  'time_open',
  'time_close',
  'time_high',
  'time_low',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'market_cap',
  'src_name',
  'src_file',
  'load_ts',
] as const;
export type OurColumn = (typeof OUR_COLUMNS)[number];

export const TIME_TYPES = ['timestamp with time zone', 'timestamp without time zone', 'date'];
export const NUMBER_TYPES = ['double precision', 'real', 'numeric', 'integer', 'smallint', 'bigint'];

/** A column of a relation with its type, as format_type has it. */
export interface TypedColumn {
  column: string;
  type: string;
}

/** The layout of our own table; the last three may be absent. `has` says whether a column is there. */
export function projectOurLayout(has: (column: string) => boolean): Projection {
  const time = (column: string) => `src.${column}::timestamptz`;
  const number = (column: string) => `src.${column}::float8`;
  const optional = (column: string, type: string) => `${has(column) ? `src.${column}` : 'null'}::${type}`;
  const stamp = 'src.timestamp::timestamptz';
  return {
    idColumn: 'src.id',
    // A row that is stamped with the midnight at which it closes is the day that ends there.
    ts: `case when (${stamp} at time zone 'UTC')::time = '00:00' and ${time('timeopen')} < ${time('timeclose')}
      and ${time('timeclose')} <= ${stamp} and ${stamp} - ${time('timeopen')} between interval '23 h' and interval '25 h'
      then ${stamp} - interval '1 ms' else ${stamp} end`,
    raw: 'src.timestamp',
    columns: {
      time_open: time('timeopen'),
      time_close: time('timeclose'),
      time_high: time('timehigh'),
      time_low: time('timelow'),
      open: number('open'),
      high: number('high'),
      low: number('low'),
      close: number('close'),
      volume: number('volume'),
      market_cap: number('marketcap'),
      src_name: optional('name', 'text'),
      src_file: optional('source_file', 'text'),
      load_ts: optional('load_ts', 'timestamptz'),
    },
    hasLoadTs: has('load_ts'),
    rawAfter: (bound) => `src.timestamp > ${bound}`,
    rawUpTo: (bound) => `src.timestamp <= ${bound}`,
    isFinite: 'isfinite(src.timestamp)',
  };
}

/** A described table. `columns` are those of its roles, checked. */
export function projectDescribed(
  description: SourceDescription,
  columns: ReadonlyMap<ColumnRole, TypedColumn | number>,
): Projection {
  const { zone } = description;
  const sqlOf = (role: ColumnRole): string | null => {
    const found = columns.get(role);
    if (found === undefined) return null;
    return typeof found === 'number' ? String(found) : `src.${quoteIdentifier(found.column)}`;
  };
  const cast = (role: ColumnRole, type: string) => `${sqlOf(role) ?? 'null'}::${type}`;
  const typeOf = (role: ColumnRole) => {
    const found = columns.get(role);
    return typeof found === 'object' ? found.type : '';
  };
  const instant = (role: ColumnRole) => instantOf(sqlOf(role), typeOf(role), description);
  const day = dayOf(sqlOf('day') ?? 'null', typeOf('day'), description);
  const startOf = (date: string) => `((${date})::timestamp at time zone '${zone}')`;
  return {
    idColumn: sqlOf('id') ?? 'null',
    ts: `((${day} + 1)::timestamp at time zone 'UTC' - interval '1 ms')`,
    raw: sqlOf('day') ?? 'null',
    columns: {
      time_open: columns.has('timeOpen') ? instant('timeOpen') : startOf(day),
      time_close: columns.has('timeClose')
        ? instant('timeClose')
        : `(${startOf(`${day} + 1`)} - interval '1 ms')`,
      time_high: instant('timeHigh'),
      time_low: instant('timeLow'),
      open: cast('open', 'float8'),
      high: cast('high', 'float8'),
      low: cast('low', 'float8'),
      close: cast('close', 'float8'),
      volume: cast('volume', 'float8'),
      market_cap: cast('marketCap', 'float8'),
      src_name: cast('name', 'text'),
      src_file: cast('sourceFile', 'text'),
      load_ts: instant('loadTs'),
    },
    hasLoadTs: columns.has('loadTs'),
    ...rawBounds(sqlOf('day') ?? 'null', typeOf('day'), description),
  };
}

const PER_SECOND = { s: 1, ms: 1000, us: 1_000_000 } as const;

/** An instant as timestamptz: wall-clock times are of the source's zone, numbers count from the epoch. */
function instantOf(sql: string | null, type: string, { zone, unit }: SourceDescription): string {
  if (sql === null) return 'null::timestamptz';
  if (type === 'timestamp with time zone') return sql;
  if (type === 'timestamp without time zone' || type === 'date')
    return `(${sql}::timestamp at time zone '${zone}')`;
  const perSecond = PER_SECOND[unit ?? 's'];
  return `(to_timestamp(0) + (${sql} / ${perSecond}::numeric) * interval '1 s')`;
}

/** The calendar day of a row in its zone, as a date. */
function dayOf(sql: string, type: string, description: SourceDescription): string {
  if (type === 'date') return sql;
  const { zone, dayEnd } = description;
  const wall =
    type === 'timestamp without time zone'
      ? sql
      : `(${instantOf(sql, type, description)} at time zone '${zone}')`;
  // What is named by its closing may be named by the midnight that begins the next day.
  return `(${wall}${dayEnd === 'close' ? " - interval '1 ms'" : ''})::date`;
}

/** Days between a stamp and what its column may hold: zones, and closings named by the next midnight, are within it. */
const SLACK_DAYS = 3;

function rawBounds(
  sql: string,
  type: string,
  { unit }: SourceDescription,
): Pick<Projection, 'rawAfter' | 'rawUpTo' | 'isFinite'> {
  // Far times stay within what every type can hold.
  const near = (time: string) =>
    `least(greatest(${time}, timestamptz '1600-01-01Z'), timestamptz '9990-01-01Z')`;
  const shifted = (time: string, sign: '-' | '+') => `${near(time)} ${sign} interval '${SLACK_DAYS} days'`;
  const bound = (time: string): string => {
    if (type === 'date') return `(${time})::date`;
    if (type === 'timestamp without time zone') return `((${time}) at time zone 'UTC')`;
    if (type === 'timestamp with time zone') return `(${time})`;
    return `(extract(epoch from ${time}) * ${PER_SECOND[unit ?? 's']})::${type === 'smallint' || type === 'integer' ? 'bigint' : type}`;
  };
  const isTime = TIME_TYPES.includes(type);
  return {
    rawAfter: (time) => `${sql} >= ${bound(shifted(time, '-'))}`,
    rawUpTo: (time) => `${sql} <= ${bound(shifted(time, '+'))}`,
    // A number outside of what times can be is no time, and must not end the statement.
    isFinite: isTime
      ? `isfinite(${sql})`
      : `${sql} between ${-11_000_000_000 * PER_SECOND[unit ?? 's']} and ${250_000_000_000 * PER_SECOND[unit ?? 's']}`,
  };
}
