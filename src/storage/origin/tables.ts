/** The tables of the system that this one replaces, as they are found in a schema of the same database. */

import {
  ALIGNMENTS,
  type Alignment,
  BAR_ALIGNMENTS,
  type BarAlignment,
} from '../../domain/calendar/timeframe.js';
import { UsageError } from '../../domain/text/errors.js';
import { quoteIdentifier, type Tx } from '../session/database.js';

/** How values of a column are compared: numbers that were added up or smoothed may differ by their rounding. */
export type CellKind = 'int' | 'exact' | 'rounded' | 'time' | 'day' | 'flag' | 'text';

/** A table of theirs that is there. */
export interface OriginTable {
  /** Without schema: also the name of our view or table. */
  name: string;
  /** Schema and name, quoted for SQL. */
  relation: string;
  /** Columns that both sides have and that are compared, in order. */
  columns: readonly string[];
}

export interface OriginTables {
  daily: OriginTable | null;
  bars: ReadonlyMap<BarAlignment, OriginTable>;
  emas: ReadonlyMap<Alignment, OriginTable>;
}

type Columns = Readonly<Record<string, CellKind>>;

/** Compared of 1D bars. */
export const DAILY_CELLS = {
  ...{ bar_seq: 'int', time_open: 'time', time_close: 'time', time_high: 'time', time_low: 'time' },
  ...{ open: 'exact', high: 'exact', low: 'exact', close: 'exact', volume: 'rounded', market_cap: 'rounded' },
  ...{
    repaired_timehigh: 'flag',
    repaired_timelow: 'flag',
    repaired_high: 'flag',
    repaired_low: 'flag',
  },
} as const satisfies Columns;

/** Compared of bar snapshots. */
export const BAR_CELLS = {
  ...{ tf_days: 'int', bar_seq: 'int', bar_anchor_offset: 'int' },
  ...{ time_open: 'time', time_close: 'time', time_high: 'time', time_low: 'time' },
  ...{ open: 'exact', high: 'exact', low: 'exact', close: 'exact', volume: 'rounded', market_cap: 'rounded' },
  ...{ timestamp: 'time', last_ts_half_open: 'time', pos_in_bar: 'int' },
  ...{ is_partial_start: 'flag', is_partial_end: 'flag', count_days: 'int', count_days_remaining: 'int' },
  ...{ is_missing_days: 'flag', count_missing_days: 'int', count_missing_days_start: 'int' },
  ...{ count_missing_days_end: 'int', count_missing_days_interior: 'int', missing_days_where: 'text' },
  ...{ first_missing_day: 'day', last_missing_day: 'day' },
} as const satisfies Columns;

/** Compared of the EMA grid. */
export const EMA_CELLS = {
  ...{ ts: 'time', tf_days: 'int', roll: 'flag', roll_bar: 'flag' },
  ...{ ema: 'rounded', d1: 'rounded', d2: 'rounded', d1_roll: 'rounded', d2_roll: 'rounded' },
  ...{ ema_bar: 'rounded', d1_bar: 'rounded', d2_bar: 'rounded' },
  ...{ d1_roll_bar: 'rounded', d2_roll_bar: 'rounded' },
} as const satisfies Columns;

/** Where v2 has nothing of ours: its bars. */
const NOT_OF_V2 = /_bar$/;

/** Type categories of PostgreSQL that a kind is read from. */
const CATEGORIES: Readonly<Record<CellKind, string>> = {
  ...{ int: 'N', exact: 'N', rounded: 'N', time: 'D', day: 'D', flag: 'B', text: 'S' },
};
const CATEGORY_NAMES: Readonly<Record<string, string>> = {
  ...{ N: 'a number', D: 'a time or date', B: 'a boolean', S: 'text' },
};

/** What finds a row, beside what is compared. */
const KEYS = {
  daily: { id: 'int', timestamp: 'time', close: 'exact' },
  bars: { id: 'int', tf: 'text', time_close: 'time', bar_seq: 'int', close: 'exact' },
  emas: { id: 'int', tf: 'text', ts: 'time', period: 'int', ema: 'rounded' },
} as const satisfies Record<string, Columns>;

/** The name of the relation with the bars of an alignment, theirs and ours. */
function barRelation(alignment: BarAlignment): string {
  return `cmc_price_bars_${sourceOf(alignment)}`;
}

/** The same for EMAs. */
function emaRelation(alignment: Alignment): string {
  return `cmc_ema_${sourceOf(alignment)}`;
}

function sourceOf(alignment: Alignment): string {
  return alignment === 'multi_tf' ? alignment : `multi_tf_${alignment}`;
}

/**
 * Finds their tables. Throws UsageError when the schema is not there, is our own, or has none of them; an error that
 * names every missing or unsuitable column when one cannot be read.
 */
export async function readOriginTables(tx: Tx, schema: string): Promise<OriginTables> {
  const [found] = await tx.query<[string, boolean]>(
    'select current_schema(), exists (select from pg_namespace where nspname = $1)',
    [schema],
  );
  if (found?.[0] === schema)
    throw new UsageError(
      `--origin "${schema}" is the schema of this warehouse itself: name the one that holds the tables to compare with, ` +
        'and ours with --schema',
    );
  if (found?.[1] !== true)
    throw new UsageError(`no schema "${schema}" in this database; --origin names theirs`);
  const columns = await readColumns(tx, schema);
  const find = (name: string, kind: keyof typeof KEYS, cells: Columns) =>
    tableOf(columns.get(name), { name, schema, keys: KEYS[kind], cells });
  const tables = {
    daily: find('cmc_price_bars_1d', 'daily', DAILY_CELLS),
    bars: present(BAR_ALIGNMENTS, (alignment) => find(barRelation(alignment), 'bars', BAR_CELLS)),
    emas: present(ALIGNMENTS, (alignment) => find(emaRelation(alignment), 'emas', emaCells(alignment))),
  };
  if (tables.daily === null && tables.bars.size === 0 && tables.emas.size === 0)
    throw new UsageError(
      `schema "${schema}" has none of the tables that are compared: cmc_price_bars_1d, cmc_price_bars_multi_tf…, cmc_ema_multi_tf…`,
    );
  return tables;
}

function emaCells(alignment: Alignment): Columns {
  if (alignment !== 'v2') return EMA_CELLS;
  return Object.fromEntries(Object.entries(EMA_CELLS).filter(([name]) => !NOT_OF_V2.test(name)));
}

function present<K>(keys: readonly K[], find: (key: K) => OriginTable | null): Map<K, OriginTable> {
  const tables = keys.map((key): [K, OriginTable | null] => [key, find(key)]);
  return new Map(tables.filter((entry): entry is [K, OriginTable] => entry[1] !== null));
}

/** Type categories by relation and column. */
async function readColumns(tx: Tx, schema: string): Promise<Map<string, Map<string, string>>> {
  const rows = await tx.query<[string, string, string]>(
    `select c.relname, a.attname, t.typcategory::text
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     join pg_type t on t.oid = a.atttypid
     where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname like 'cmc\\_%'`,
    [schema],
  );
  const tables = new Map<string, Map<string, string>>();
  for (const [table, column, category] of rows) {
    const columns = tables.get(table) ?? new Map<string, string>();
    tables.set(table, columns.set(column, category));
  }
  return tables;
}

function tableOf(
  columns: ReadonlyMap<string, string> | undefined,
  { name, schema, keys, cells }: { name: string; schema: string; keys: Columns; cells: Columns },
): OriginTable | null {
  if (columns === undefined) return null;
  const problems = Object.entries({ ...cells, ...keys }).flatMap(([column, kind]) => {
    const category = columns.get(column);
    if (category === undefined) return column in keys ? [`column "${column}" is missing`] : [];
    const expected = CATEGORIES[kind];
    return category === expected ? [] : [`column "${column}" is not ${CATEGORY_NAMES[expected]}`];
  });
  if (problems.length > 0)
    throw new Error(
      `${schema}.${name} cannot be compared: ${problems.join('; ')}. Put views with the names, columns and types of ` +
        'docs/reference/origin.md into a schema and name that with --origin',
    );
  return {
    name,
    relation: [schema, name].map(quoteIdentifier).join('.'),
    columns: Object.keys(cells).filter((column) => columns.has(column)),
  };
}
