/** The tables of the system that this one replaces, as they are found in a schema of the same database. */
import { ALIGNMENTS, type Alignment, BAR_ALIGNMENTS } from '../../domain/calendar/timeframe.js';
import {
  BAR_CELLS,
  type CellKind,
  DAILY_CELLS,
  EMA_CELLS,
  HEAD_BAR_CELLS,
  HEAD_EMA_CELLS,
} from '../../domain/origin/cells.js';
import { UsageError } from '../../domain/text/errors.js';
import { quoteIdentifier, type Tx } from '../session/database.js';

export type TableKind = 'daily' | 'bars' | 'emas';

/** A table that theirs may have. */
interface TableForm {
  name: string;
  kind: TableKind;
  /** null: alignment_source says it of each row, or it is of 1D bars. */
  alignment: Alignment | null;
  /** Of the head: its names, and its columns. */
  isHead: boolean;
  /** When a row ends. */
  time: 'timestamp' | 'time_close' | 'ts';
  cells: Readonly<Record<string, CellKind>>;
}

/** A table of theirs that is there. */
export interface OriginTable extends TableForm {
  /** Schema and name, quoted for SQL. */
  relation: string;
  /** Columns that are compared, in order. */
  columns: readonly string[];
  /** Columns that are there and cannot be compared, each with the reason. */
  leftOut: readonly string[];
  /** Whether rows are of several venues: only the first is compared. */
  hasVenues: boolean;
}

export interface OriginTables {
  tables: readonly OriginTable[];
  /** Tables that are there and cannot be compared at all, each with the reason. */
  unreadable: readonly string[];
}

/** `cmc_price_bars_…` and `cmc_ema_…`, without the prefix: also what alignment_source says. */
export function sourceOf(alignment: Alignment): string {
  return alignment === 'multi_tf' ? alignment : `multi_tf_${alignment}`;
}

const COMMON = { alignment: null, isHead: false } as const;

/** What there may be, in the order in which it is compared. */
const FORMS: readonly TableForm[] = [
  { ...COMMON, name: 'cmc_price_bars_1d', kind: 'daily', time: 'timestamp', cells: DAILY_CELLS },
  ...BAR_ALIGNMENTS.map(
    (alignment): TableForm => ({
      ...{ name: `cmc_price_bars_${sourceOf(alignment)}`, kind: 'bars', alignment, isHead: false },
      ...{ time: 'time_close', cells: BAR_CELLS },
    }),
  ),
  ...ALIGNMENTS.map(
    (alignment): TableForm => ({
      ...{ name: `cmc_ema_${sourceOf(alignment)}`, kind: 'emas', alignment, isHead: false },
      ...{ time: 'ts', cells: EMA_CELLS },
    }),
  ),
  { ...COMMON, name: 'cmc_ema_multi_tf_u', kind: 'emas', time: 'ts', cells: EMA_CELLS },
  { ...COMMON, name: 'price_bars_1d', kind: 'daily', isHead: true, time: 'timestamp', cells: HEAD_BAR_CELLS },
  {
    ...{ ...COMMON, name: 'price_bars_multi_tf_u', kind: 'bars', isHead: true },
    ...{ time: 'timestamp', cells: HEAD_BAR_CELLS },
  },
  { ...COMMON, name: 'ema_multi_tf_u', kind: 'emas', isHead: true, time: 'ts', cells: HEAD_EMA_CELLS },
];

/** Type categories of PostgreSQL that a kind is read from. */
const CATEGORIES: Readonly<Record<CellKind, string>> = {
  ...{ int: 'N', exact: 'N', rounded: 'N', time: 'D', day: 'D', flag: 'B', text: 'S' },
};
const CATEGORY_NAMES: Readonly<Record<string, string>> = {
  ...{ N: 'a number', D: 'a time or date', B: 'a boolean', S: 'text' },
};

/** What finds a row, beside its time. */
function keysOf({ kind, time, alignment }: TableForm): [column: string, category: string][] {
  const keys: [string, string][] = [
    ['id', 'N'],
    [time, 'D'],
  ];
  if (kind !== 'daily') keys.push(['tf', 'S']);
  if (kind === 'emas') keys.push(['period', 'N']);
  if (kind !== 'daily' && alignment === null) keys.push(['alignment_source', 'S']);
  return keys;
}

/**
 * Finds their tables. One column more or less ends nothing: what is there is compared. Throws UsageError when the schema is
 * not there, is our own, or has none of them.
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
  const there = FORMS.flatMap((form) => {
    const categories = columns.get(form.name);
    return categories === undefined ? [] : [{ form, categories }];
  });
  if (there.length === 0)
    throw new UsageError(
      `schema "${schema}" has none of the tables that are compared: ${FORMS.map(({ name }) => name).join(', ')}`,
    );
  const readings = there.map(({ form, categories }) => readForm(schema, form, categories));
  return {
    tables: readings.filter((reading) => typeof reading !== 'string'),
    unreadable: readings.filter((reading) => typeof reading === 'string'),
  };
}

/** The table, or why it cannot be read. */
function readForm(
  schema: string,
  form: TableForm,
  categories: ReadonlyMap<string, string>,
): OriginTable | string {
  const problems = keysOf(form).flatMap(([column, category]) => problemOf(categories, column, category));
  if (problems.length > 0) return `${schema}.${form.name}: ${problems.join('; ')}`;
  const present = Object.entries(form.cells).filter(([column]) => categories.has(column));
  const leftOut = present.flatMap(([column, kind]) => problemOf(categories, column, CATEGORIES[kind]));
  return {
    ...form,
    relation: [schema, form.name].map(quoteIdentifier).join('.'),
    columns: present
      .filter(([column, kind]) => problemOf(categories, column, CATEGORIES[kind]).length === 0)
      .map(([column]) => column),
    leftOut,
    hasVenues: categories.get('venue_id') === 'N',
  };
}

function problemOf(categories: ReadonlyMap<string, string>, column: string, expected: string): string[] {
  const category = categories.get(column);
  if (category === undefined) return [`column "${column}" is missing`];
  return category === expected ? [] : [`column "${column}" is not ${CATEGORY_NAMES[expected]}`];
}

/** Type categories by relation and column. */
async function readColumns(tx: Tx, schema: string): Promise<Map<string, Map<string, string>>> {
  const rows = await tx.query<[string, string, string]>(
    `select c.relname, a.attname, t.typcategory::text
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     join pg_type t on t.oid = a.atttypid
     where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname = any($2::text[])`,
    [schema, FORMS.map(({ name }) => name)],
  );
  const tables = new Map<string, Map<string, string>>();
  for (const [table, column, category] of rows) {
    const columns = tables.get(table) ?? new Map<string, string>();
    tables.set(table, columns.set(column, category));
  }
  return tables;
}
