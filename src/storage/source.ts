/** The relation that daily prices are read from: ours, or a table or view of the user's own, which is never altered. */
import { UsageError } from '../domain/errors.js';
import { quoteIdentifier, type Tx } from './database.js';

/** A checked source relation. */
export interface Source {
  schema: string;
  name: string;
  /** As a 1D state keeps it: without the schema where it is ours, so that a schema may be renamed, or restored elsewhere. */
  label: string;
  /** Schema and name, quoted for SQL. */
  relation: string;
  /** Which of the columns that may be absent are there. */
  optional: { name: boolean; source_file: boolean; load_ts: boolean };
  /** Triggers file a note of every change; elsewhere changes are found by fingerprints. */
  isTracked: boolean;
  /** Rows dated later do not count (epoch microseconds); null: the database's now. */
  asOfUs: number | null;
}

export const DEFAULT_SOURCE = 'cmc_price_histories7';

type Kind = 'id' | 'time' | 'number' | 'any';

const TYPES: Record<Exclude<Kind, 'any'>, readonly string[]> = {
  id: ['integer', 'smallint', 'bigint'],
  time: ['timestamp with time zone', 'timestamp without time zone', 'date'],
  number: ['double precision', 'real', 'numeric', 'integer', 'smallint', 'bigint'],
};

const REQUIRED: readonly (readonly [column: string, kind: Exclude<Kind, 'any'>])[] = [
  ['id', 'id'],
  ['timestamp', 'time'],
  ['timeopen', 'time'],
  ['timeclose', 'time'],
  ['timehigh', 'time'],
  ['timelow', 'time'],
  ['open', 'number'],
  ['high', 'number'],
  ['low', 'number'],
  ['close', 'number'],
  ['volume', 'number'],
  ['marketcap', 'number'],
];
const OPTIONAL: readonly (readonly [column: keyof Source['optional'], kind: Kind])[] = [
  ['name', 'any'],
  ['source_file', 'any'],
  ['load_ts', 'time'],
];

/**
 * Checks the source once a run. `text` is what `--source` gave ("schema.table", "table" in our schema, parts in double
 * quotes taken literally); null is our own table.
 * Throws UsageError when the text is no name, and an error that names every missing or unsuitable column, what was
 * expected, what was found and what to type.
 */
export async function readSource(tx: Tx, text: string | null): Promise<Source> {
  const wanted = parseRelation(text ?? DEFAULT_SOURCE);
  const found = await tx.query<[string, string, boolean]>(
    `select n.nspname, c.relname, n.nspname = current_schema() from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = coalesce($1, current_schema()) and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [wanted.schema, wanted.name],
  );
  if (found[0] === undefined) throw new Error(missingRelation(text, wanted));
  const [schema, name, isOurSchema] = found[0];
  const relation: [string, string] = [schema, name];
  const types = new Map(
    await tx.query<[string, string]>(
      `select a.attname, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null)
       from pg_attribute a
       join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       join pg_type t on t.oid = a.atttypid
       where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped`,
      relation,
    ),
  );
  checkColumns(`${schema}.${name}`, types);
  const [hasName, hasFile, hasLoadTs] = OPTIONAL.map(([column]) => types.has(column));
  return {
    schema,
    name,
    label: isOurSchema ? name : `${schema}.${name}`,
    relation: relation.map(quoteIdentifier).join('.'),
    optional: { name: hasName === true, source_file: hasFile === true, load_ts: hasLoadTs === true },
    isTracked: await readIsTracked(tx, relation),
    asOfUs: null,
  };
}

/**
 * SQL for "this row counts as of the source's as-of time", of two SQL expressions. What was taken in already counts
 * whatever its date: a run that is pinned to the past never takes days away that a later one has added.
 */
export function isUpToAsOf({ asOfUs }: Source, ts: string, watermark: string): string {
  if (asOfUs === null) return 'true';
  if (!Number.isSafeInteger(asOfUs))
    throw new Error(`an as-of time in microseconds was expected, got ${asOfUs}`);
  return `${ts} <= greatest(to_timestamp(0) + ${asOfUs} * interval '1 microsecond', ${watermark})`;
}

/** The triggers that file notes of change: those of sql/008, and of track-changes.ts on a table of the user's own. */
export const NOTE_TRIGGERS = [
  'price_change_insert',
  'price_change_update',
  'price_change_delete',
  'price_change_truncate',
] as const;

const NOTED_COLUMNS = [...REQUIRED, ...OPTIONAL].map(([column]) => column);

/**
 * SQL for the columns that bars use and their types, of the table whose oid is `oid`, as a short hash; $1 is
 * NOTED_COLUMNS. No trigger fires when a table is altered, so triggers are made for one form of it.
 */
const formOf = (oid: string): string =>
  `(select left(encode(sha256(convert_to(string_agg(
      a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attname), 'UTF8')), 'hex'), 16)
    from pg_attribute a
    where a.attrelid = ${oid} and a.attname = any($1) and a.attnum > 0 and not a.attisdropped)`;

/** The form of a source as its note triggers carry it: with another one they do not count any more. */
export async function readSourceForm(tx: Tx, source: Source): Promise<string> {
  const rows = await tx.query<[string]>(`select ${formOf('$2::regclass')}`, [NOTED_COLUMNS, source.relation]);
  return (rows[0] as [string])[0];
}

/**
 * Whether all four triggers are there, switched on, made for the table as it is, and file into this schema; and whether
 * the table is one whose rows come and go by its own statements alone: what a subscription applies fires no trigger of a
 * statement.
 */
async function readIsTracked(tx: Tx, relation: readonly [schema: string, name: string]): Promise<boolean> {
  const rows = await tx.query<[number]>(
    `select count(distinct t.tgname) from pg_trigger t
     join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_proc p on p.oid = t.tgfoid join pg_namespace o on o.oid = p.pronamespace
     where n.nspname = $2 and c.relname = $3 and t.tgname = any($4) and t.tgenabled in ('O', 'A')
       and o.nspname = current_schema() and c.relkind = 'r'
       and not exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent))
       and not exists (select from pg_subscription_rel r where r.srrelid = c.oid)
       and (t.tgnargs = 0 or encode(t.tgargs, 'escape') = ${formOf('c.oid')} || '\\000')`,
    [NOTED_COLUMNS, ...relation, NOTE_TRIGGERS],
  );
  return rows[0]?.[0] === NOTE_TRIGGERS.length;
}

export interface RelationName {
  schema: string | null;
  name: string;
}

/** A relation as `--source` names it; names fold to lower case as in SQL, unless they are quoted. Throws UsageError. */
export function parseRelation(text: string): RelationName {
  const part = String.raw`([A-Za-z_][A-Za-z0-9_$]*|"[^"\0]+")`;
  const match = new RegExp(`^(?:${part}\\.)?${part}$`).exec(text.trim());
  const fold = (name: string) => (name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase());
  const [, schema, name] = match ?? [];
  if (name === undefined) {
    throw new UsageError(`--source expects a table or view like "prices" or "market.prices", got "${text}"`);
  }
  return { schema: schema === undefined ? null : fold(schema), name: fold(name) };
}

function missingRelation(text: string | null, { schema, name }: RelationName): string {
  const label = schema === null ? name : `${schema}.${name}`;
  const remedy =
    text === null
      ? 'type "barwright migrate" to create it, or name your own with --source schema.table'
      : 'check the name and the schema, and that --source means a table or a view';
  return `the source ${label} does not exist in this database; ${remedy}`;
}

function checkColumns(label: string, types: ReadonlyMap<string, string>): void {
  const problems: string[] = [];
  const check = (column: string, kind: Kind, found: string | undefined): void => {
    if (kind === 'any') return;
    const expected = TYPES[kind];
    if (found === undefined) problems.push(`column "${column}" is missing (expected ${expected[0]})`);
    else if (!expected.includes(found)) {
      problems.push(`column "${column}" has type ${found} (expected ${expected.join(', ')})`);
    }
  };
  for (const [column, kind] of REQUIRED) check(column, kind, types.get(column));
  for (const [column, kind] of OPTIONAL) if (types.has(column)) check(column, kind, types.get(column));
  if (problems.length > 0) {
    throw new Error(
      `the source ${label} cannot be read: ${problems.join('; ')}. ` +
        'Make a view with these columns and types and type --source schema.view',
    );
  }
}

/**
 * The source's rows as a subquery with our own names and types, without the future and without infinite timestamps:
 * id, ts, time_open, time_close, time_high, time_low, open, high, low, close, volume, market_cap, src_name, src_file,
 * load_ts. `ids` is an SQL expression of type int[].
 */
export function selectSource({ relation, optional }: Source, ids: string): string {
  const times = ['timeopen', 'timeclose', 'timehigh', 'timelow'].map(
    (column) => `src.${column}::timestamptz as ${column.replace('time', 'time_')}`,
  );
  const numbers = ['open', 'high', 'low', 'close', 'volume', 'marketcap'].map(
    (column) => `src.${column}::float8 as ${column === 'marketcap' ? 'market_cap' : column}`,
  );
  const provenance = [
    `${optional.name ? 'src.name' : 'null'}::text as src_name`,
    `${optional.source_file ? 'src.source_file' : 'null'}::text as src_file`,
    `${optional.load_ts ? 'src.load_ts' : 'null'}::timestamptz as load_ts`,
  ];
  const columns = [
    'src.id::int as id',
    'src.timestamp::timestamptz as ts',
    ...times,
    ...numbers,
    ...provenance,
  ];
  return `select ${columns.join(', ')} from ${relation} src
    where src.id = any(${ids}) and src.timestamp <= now() and isfinite(src.timestamp)`;
}
