/** The relation that daily prices are read from: ours, or a table or view of the user's own, which is never altered. */

import type { RowsOf } from '../../domain/prices/price.js';
import {
  expectationsOf,
  OUR_TABLE,
  parseSourceText,
  type SourceChoice,
  type SourceDescription,
} from '../../domain/source/description.js';
import { type Expectations, NO_EXPECTATIONS } from '../../domain/source/expectation.js';
import { UsageError } from '../../domain/text/errors.js';
import { quoteIdentifier, type Tx } from '../session/database.js';
import { resolveColumns } from './columns.js';
import { checkExpectations } from './expectations.js';
import {
  NUMBER_TYPES,
  type Projection,
  projectDescribed,
  projectOurLayout,
  TIME_TYPES,
} from './projection.js';

/** One table or view of a source, looked at and found to be readable. */
export interface SourcePart {
  /** As a 1D state keeps it: the name in "sources", else the relation, without the schema where it is ours, so that a schema may be renamed, or restored elsewhere. */
  label: string;
  schema: string;
  name: string;
  /** Schema and name, quoted for SQL. */
  relation: string;
  projection: Projection;
  /** Which columns of our own layout that may be absent are there. */
  optional: { name: boolean; source_file: boolean; load_ts: boolean };
  /** What its rows span. */
  rowsOf: RowsOf;
  /** null: it has the layout of our own table. */
  description: SourceDescription | null;
  /** Triggers file a note of every change; elsewhere changes are found by fingerprints. */
  isTracked: boolean;
  /** What is wrong with it as a whole; null: nothing, or it was not looked at. */
  fault: string | null;
  /** Assets that a person has said belong to another part, though this one may have rows of them. */
  otherIds: readonly number[];
}

/** What daily prices are read from: an asset belongs to the part that has its id. */
export interface Source {
  parts: readonly SourcePart[];
  /** Rows dated later do not count (epoch microseconds); null: the database's now. */
  asOfUs: number | null;
  /** Rows that were loaded before their day was over count at once. */
  acceptProvisional: boolean;
  /** What its parts say of when their prices are expected, by label. */
  expectations: Expectations;
}

export const DEFAULT_SOURCE = OUR_TABLE;

type Kind = 'id' | 'time' | 'number' | 'any';

const TYPES: Record<Exclude<Kind, 'any'>, readonly string[]> = {
  id: ['integer', 'smallint', 'bigint'],
  time: TIME_TYPES,
  number: NUMBER_TYPES,
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
const OPTIONAL: readonly (readonly [column: string, kind: Kind])[] = [
  ['name', 'any'],
  ['source_file', 'any'],
  ['load_ts', 'time'],
];

/**
 * Checks the source once a run. `text` is what `--source` gave: "schema.table" ("table" in our schema, parts in double
 * quotes taken literally) of a relation that has the layout of our own table; or descriptions (see parseSourceText); null is our own table.
 * Throws UsageError when the text is no name, and an error that names every missing or unsuitable column, what was
 * expected, what was found and what to type.
 */
export async function readSource(tx: Tx, text: string | null): Promise<Source> {
  const choice = text === null ? null : parseSourceText(text);
  const parts = choice === null ? [await readOurLayout(tx, text)] : await readChoice(tx, choice);
  const expectations = expectationsOf(text);
  await checkExpectations(expectations);
  return { parts: await withoutOthers(tx, parts), asOfUs: null, acceptProvisional: false, expectations };
}

async function readChoice(tx: Tx, { sources, hasOurs }: SourceChoice): Promise<SourcePart[]> {
  const parts: SourcePart[] = [];
  for (const [label, description] of sources) parts.push(await readDescribed(tx, label, description));
  const ours = hasOurs ? await readOurLayout(tx, null) : null;
  const isThere = parts.some(({ relation }) => relation === ours?.relation);
  return ours === null || isThere ? parts : [ours, ...parts];
}

async function readOurLayout(tx: Tx, text: string | null): Promise<SourcePart> {
  const found = await findRelation(tx, text);
  const { schema, name } = found;
  checkColumns(`${schema}.${name}`, found.types, text ?? DEFAULT_SOURCE);
  const has = (column: string) => found.types.has(column);
  return {
    label: found.isOurSchema ? name : `${schema}.${name}`,
    schema,
    name,
    relation: found.relation,
    projection: projectOurLayout(has),
    optional: { name: has('name'), source_file: has('source_file'), load_ts: has('load_ts') },
    rowsOf: 'utc_days',
    description: null,
    isTracked: await readIsTracked(tx, [schema, name]),
    fault: null,
    otherIds: [],
  };
}

/** A source of one described table. */
export async function readDescribedSource(
  tx: Tx,
  label: string,
  description: SourceDescription,
): Promise<Source> {
  const parts = [await readDescribed(tx, label, description)];
  return { parts, asOfUs: null, acceptProvisional: false, expectations: NO_EXPECTATIONS };
}

async function readDescribed(tx: Tx, label: string, description: SourceDescription): Promise<SourcePart> {
  const { schema, name, relation, types } = await findRelation(tx, description.table);
  const columns = resolveColumns(label, description, types);
  const isUtc = description.zone === 'UTC' && !description.isSession;
  return {
    ...{ label, schema, name, relation },
    projection: projectDescribed(description, columns),
    optional: {
      name: columns.has('name'),
      source_file: columns.has('sourceFile'),
      load_ts: columns.has('loadTs'),
    },
    rowsOf: isUtc ? 'utc_days' : 'local_days',
    description,
    // Notes are filed by triggers for the layout of our own table: a described one is compared by its fingerprints.
    isTracked: false,
    fault: null,
    otherIds: [],
  };
}

/** The parts with the assets that a person has given to another one of them. */
async function withoutOthers(tx: Tx, parts: readonly SourcePart[]): Promise<SourcePart[]> {
  if (parts.length < 2) return [...parts];
  const decided = await tx.query<[number, string]>(
    'select id, source from dim_assets where source = any($1) order by id',
    [parts.map(({ label }) => label)],
  );
  return parts.map((part) => ({
    ...part,
    otherIds: decided.filter(([, source]) => source !== part.label).map(([id]) => id),
  }));
}

export interface FoundRelation {
  schema: string;
  name: string;
  isOurSchema: boolean;
  /** Schema and name, quoted for SQL. */
  relation: string;
  types: ReadonlyMap<string, string>;
}

/** A relation as --source names it, with the types of its columns. Throws UsageError, and an error when it does not exist. */
export async function findRelation(tx: Tx, text: string | null): Promise<FoundRelation> {
  const wanted = parseRelation(text ?? DEFAULT_SOURCE);
  const found = await tx.query<[string, string, boolean]>(
    `select n.nspname, c.relname, n.nspname = current_schema() from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = coalesce($1, current_schema()) and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [wanted.schema, wanted.name],
  );
  if (found[0] === undefined) throw new Error(missingRelation(text, wanted));
  const [schema, name, isOurSchema] = found[0];
  const types = new Map(
    await tx.query<[string, string]>(
      `select a.attname, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null)
       from pg_attribute a
       join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       join pg_type t on t.oid = a.atttypid
       where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
      [schema, name],
    ),
  );
  return { schema, name, isOurSchema, relation: [schema, name].map(quoteIdentifier).join('.'), types };
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
export async function readSourceForm(tx: Tx, source: SourcePart): Promise<string> {
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

function checkColumns(label: string, types: ReadonlyMap<string, string>, typed: string): void {
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
        `Describe it as it is ("barwright source add '${typed}'" proposes how), or make a view with these columns and types`,
    );
  }
}
