/** Notes of change on a table of the user's own: the triggers of sql/008, made to fit it. Asked for, never forced. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { UsageError } from '../../domain/text/errors.js';
import { quoteIdentifier, type Tx } from '../session/database.js';
import { NOTE_TRIGGERS, readSource, readSourceForm, type SourcePart } from '../source/source.js';

/** What following, or not following any more, came to. */
export interface TrackingChange {
  /** "schema.table". */
  label: string;
  /** False: it was so already, nothing was written. */
  isChanged: boolean;
  /** Notes filed about assets that are known already. */
  notes: number;
}

/**
 * Follows the changes of a source table (null: ours) from now on, in the open transaction: it locks the table against
 * writers until the commit, and files a note per known asset from its first day, so that nothing that happened before
 * is missed. Repeating it changes nothing; triggers made for another form of the table are replaced.
 * Throws UsageError for a relation that triggers cannot follow, saying why.
 */
export async function writeChangeTracking(tx: Tx, text: string | null): Promise<TrackingChange> {
  const source = await readTrackable(tx, text);
  const label = `${source.schema}.${source.name}`;
  if (source.isTracked) return { label, isChanged: false, notes: 0 };
  await checkTrackable(tx, source);
  await dropTriggers(tx, source);
  await createTriggers(tx, source);
  const notes = await tx.execute(
    `insert into price_change (id, from_day, to_day, op, rows)
     select id, coalesce(daily_min_seen::date, first_day), last_src_ts::date, 'F', src_rows
     from cmc_price_bars_1d_state where last_src_ts is not null and (daily_min_seen is not null or first_day is not null)`,
  );
  return { label, isChanged: true, notes };
}

/** Takes the triggers of a source table (null: ours) away again: every run compares fingerprints instead. */
export async function deleteChangeTracking(tx: Tx, text: string | null): Promise<TrackingChange> {
  const source = await readTrackable(tx, text);
  const dropped = await dropTriggers(tx, source);
  return { label: `${source.schema}.${source.name}`, isChanged: dropped > 0, notes: 0 };
}

/** The one table that is meant. Throws UsageError for descriptions: triggers follow the layout of our own table. */
async function readTrackable(tx: Tx, text: string | null): Promise<SourcePart> {
  const [part, ...more] = (await readSource(tx, text)).parts;
  if (part === undefined || part.description !== null || more.length > 0) {
    throw new UsageError(
      'triggers can follow a table that has the layout of our own one: name it with --source. Changes of described sources are found by fingerprints',
    );
  }
  return part;
}

type Trackability = [
  kind: string,
  isPermanent: boolean,
  isInherited: boolean,
  isReplicated: boolean,
  mayTrigger: boolean,
  otherSchema: string | null,
];

async function checkTrackable(tx: Tx, source: SourcePart): Promise<void> {
  const rows = await tx.query<Trackability>(
    `select c.relkind::text, c.relpersistence = 'p',
       exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)),
       exists (select from pg_subscription_rel s where s.srrelid = c.oid),
       has_table_privilege(c.oid, 'trigger'),
       (select min(n.nspname) from pg_trigger t
        join pg_proc p on p.oid = t.tgfoid join pg_namespace n on n.oid = p.pronamespace
        where t.tgrelid = c.oid and t.tgname = any($2) and n.nspname <> current_schema())
     from pg_class c where c.oid = $1::regclass`,
    [source.relation, NOTE_TRIGGERS],
  );
  const why = obstacleOf(rows[0] as Trackability);
  if (why === null) return;
  throw new UsageError(
    `${source.schema}.${source.name} ${why}. Nothing was changed there, and nothing is missed: without notes of change every run compares fingerprints`,
  );
}

const KINDS: Readonly<Record<string, string>> = {
  v: 'is a view: its rows change without a statement on it; --source may name the table behind it',
  m: 'is a materialized view: its rows change by a refresh, which fires no trigger',
  f: 'is a foreign table: its rows change on another server, where no trigger of ours sees it',
  p: 'is a partitioned table: rows written into a partition, and partitions that come and go, fire no trigger of it',
};

function obstacleOf(found: Trackability): string | null {
  const [kind, isPermanent, isInherited, isReplicated, mayTrigger, otherSchema] = found;
  const kindProblem = KINDS[kind];
  if (kindProblem !== undefined) return kindProblem;
  if (isInherited)
    return 'is a partition, or shares its rows by inheritance: what is written through the other table fires no trigger of it';
  if (!isPermanent) return 'is not a permanent table: a crash empties it, which fires no trigger';
  if (isReplicated) return 'is filled by a subscription: replicated rows fire no trigger of statements';
  if (otherSchema !== null)
    return `is followed already, for the barwright schema "${otherSchema}": one table files its notes in one place`;
  if (!mayTrigger)
    return 'may not be given triggers by this database user: its owner can grant TRIGGER on it';
  return null;
}

/** Removes the note triggers that file into this schema; a function made for them goes with them. */
async function dropTriggers(tx: Tx, source: SourcePart): Promise<number> {
  const found = await tx.query<[string, string, boolean]>(
    `select t.tgname, p.proname, p.proname ~ '^price_change_note_[0-9a-f]{12}$'
     from pg_trigger t join pg_proc p on p.oid = t.tgfoid
     where t.tgrelid = $1::regclass and t.tgname = any($2) and p.pronamespace = quote_ident(current_schema())::regnamespace`,
    [source.relation, NOTE_TRIGGERS],
  );
  // By cascade: dropping a trigger is for the table's owner alone, dropping our function is not.
  const made = new Set(found.filter(([, , isMade]) => isMade).map(([, name]) => name));
  for (const name of made) await tx.execute(`drop function ${quoteIdentifier(name)}() cascade`);
  for (const [trigger, , isMade] of found) {
    if (!isMade) await tx.execute(`drop trigger ${quoteIdentifier(trigger)} on ${source.relation}`);
  }
  return found.length;
}

async function createTriggers(tx: Tx, source: SourcePart): Promise<void> {
  // A name of its own for every time: a table that was renamed keeps the function that fits it.
  const name = `price_change_note_${randomBytes(6).toString('hex')}`;
  const schemas = await tx.query<[string]>('select quote_ident(current_schema())');
  const schema = schemas[0]?.[0];
  const zoned = await readIsZoned(tx, source);
  const form = await readSourceForm(tx, source);
  const types = await readTypes(tx, source);
  // It runs with our rights on rows of somebody else: nothing that others can make is found by name, nor executed.
  const body = bodyOf(source, { schema: schema ?? '', isZoned: zoned, types });
  await tx.execute(
    `create function ${name}() returns trigger language plpgsql security definer
     set search_path = pg_catalog, pg_temp as ${pg.escapeLiteral(body)}`,
  );
  // Else anybody could put it on a table of their own.
  await tx.execute(`revoke all on function ${name}() from public`);
  await tx.execute(
    `comment on function ${name} is 'Files notes of change of a table that is not barwright''s own (init --track-changes).'`,
  );
  const events = {
    insert: 'referencing new table as new_rows',
    update: 'referencing new table as new_rows old table as old_rows',
    delete: 'referencing old table as old_rows',
    truncate: '',
  };
  for (const [event, tables] of Object.entries(events)) {
    await tx.execute(
      `create trigger price_change_${event} after ${event} on ${source.relation} ${tables}
       for each statement execute function ${name}('${form}')`,
    );
    // Also where session_replication_role is replica; that is for the owner of the table to say.
    if (await readIsOwner(tx, source))
      await tx.execute(`alter table ${source.relation} enable always trigger price_change_${event}`);
  }
}

async function readIsOwner(tx: Tx, source: SourcePart): Promise<boolean> {
  const rows = await tx.query<[boolean]>(
    `select pg_has_role(relowner, 'usage') from pg_class where oid = $1::regclass`,
    [source.relation],
  );
  return rows[0]?.[0] === true;
}

/** Whether the source's timestamp knows its zone; one without is read as UTC. */
async function readIsZoned(tx: Tx, source: SourcePart): Promise<boolean> {
  const rows = await tx.query<[boolean]>(
    `select coalesce(nullif(t.typbasetype, 0), t.oid) = 'timestamptz'::regtype
     from pg_attribute a join pg_type t on t.oid = a.atttypid
     where a.attrelid = $1::regclass and a.attname = 'timestamp'`,
    [source.relation],
  );
  return rows[0]?.[0] === true;
}

const COMPARED = [
  ...['timestamp', 'timeopen', 'timeclose', 'timehigh', 'timelow'],
  ...['open', 'high', 'low', 'close', 'volume', 'marketcap'],
];

const NOTED = ['id', ...COMPARED, 'name', 'source_file', 'load_ts'];

/** SQL for the types of the noted columns of the table whose oid is `oid`, by number: names can be given to other types. */
const typesOf = (oid: string): string =>
  `(select string_agg(a.attname || ' ' || a.atttypid || ' ' || a.atttypmod, ', ' order by a.attname)
    from pg_catalog.pg_attribute a
    where a.attrelid = ${oid} and a.attname = any ('{${NOTED.join(',')}}'::name[]) and a.attnum > 0 and not a.attisdropped)`;

/** The types as they are now. Those of a source are PostgreSQL's own: readSource refuses others. */
async function readTypes(tx: Tx, source: SourcePart): Promise<string> {
  const rows = await tx.query<[string]>(`select ${typesOf('$1::regclass')}`, [source.relation]);
  return (rows[0] as [string])[0];
}

interface Body {
  /** Quoted where it must be. */
  schema: string;
  isZoned: boolean;
  types: string;
}

/**
 * One function for all four events; its statements are those of sql/008. Only names from lists of ours are in it. Columns
 * whose types are other ones by now are not looked at: everything known may have changed then.
 */
function bodyOf({ optional }: SourcePart, { schema, isZoned, types }: Body): string {
  const day = (row: string) =>
    isZoned ? `(${row}.timestamp at time zone 'UTC')::date` : `${row}.timestamp::date`;
  const isRead = (row: string) => `${row}.id between 1 and 2147483647 and isfinite(${row}.timestamp)`;
  const cells = (row: string) =>
    [
      ...COMPARED.map((column) => `${row}.${column}`),
      ...(optional.name ? [`${row}.name::text collate "C"`] : []),
      ...(optional.source_file ? [`${row}.source_file::text collate "C"`] : []),
      ...(optional.load_ts ? [`${row}.load_ts`] : []),
    ].join(', ');
  const note = (
    op: string,
    rows: string,
  ) => `insert into ${schema}.price_change (id, from_day, to_day, op, rows)
    select id::int, min(day), max(day), '${op}', count(*) from (${rows}) changed group by id;`;
  const ofRows = (row: string, from: string) =>
    `select ${row}.id, ${day(row)} as day from ${from} ${row} where ${isRead(row)}`;
  // An upsert of rows that are there already in the same form is no change.
  const changed = `(
      select coalesce(n.id, o.id) as id, coalesce(n.timestamp, o.timestamp) as timestamp
      from new_rows n full join old_rows o on o.id = n.id and o.timestamp = n.timestamp
      where (${cells('n')})
        is distinct from (${cells('o')}))`;
  return `
begin
  if tg_op = 'TRUNCATE' or ${typesOf('tg_relid')} is distinct from ${pg.escapeLiteral(types)} then
    insert into ${schema}.price_change (id, from_day, to_day, op, rows)
    select id, coalesce(first_day, '-infinity'), coalesce(last_day, 'infinity'), 'T', src_rows
    from ${schema}.cmc_price_bars_1d_state;
  elsif tg_op = 'INSERT' then
    ${note('I', ofRows('n', 'new_rows'))}
  elsif tg_op = 'UPDATE' then
    ${note('U', ofRows('c', changed))}
  elsif tg_op = 'DELETE' then
    ${note('D', ofRows('o', 'old_rows'))}
  end if;
  return null;
end
`;
}
