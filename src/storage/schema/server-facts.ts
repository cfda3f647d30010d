/** What doctor asks of a server: version, clock, role, rights, triggers, size. */
import { type ClockDifference, clockDifference } from '../../domain/calendar/clock.js';
import { OURS } from '../prices/staging.js';
import type { Database, Tx } from '../session/database.js';
import { DEFAULT_SOURCE, NOTE_TRIGGERS, type SourcePart } from '../source/source.js';
import { listRunnerRights } from './grants.js';

export interface ServerFacts {
  /** "15.20 (Debian 15.20-0+deb12u1)". */
  version: string;
  major: number;
  role: string;
  database: string;
  sizeBytes: number;
}

/** Who and what is at the other end. */
export async function readServerFacts(tx: Tx): Promise<ServerFacts> {
  const rows = await tx.query<[string, number, string, string, number]>(
    `select current_setting('server_version'), current_setting('server_version_num')::int / 10000, current_user,
       current_database(), pg_database_size(current_database())`,
  );
  const [version, major, role, database, sizeBytes] = rows[0] as (typeof rows)[0];
  return { version, major, role, database, sizeBytes };
}

/** Why a write would be refused by this server or for this role; null: it would not. */
export async function readWhyReadOnly(tx: Tx): Promise<string | null> {
  const rows = await tx.query<[boolean, string]>(
    `select pg_is_in_recovery(), coalesce((select reset_val from pg_settings where name = 'default_transaction_read_only'), 'off')`,
  );
  const [isStandby, readOnly] = rows[0] as [boolean, string];
  if (isStandby)
    return 'it is a standby (or still in recovery), which takes no writes: reading commands work, for all others name the primary';
  if (readOnly === 'on')
    return 'default_transaction_read_only is on for this role or database, so it takes no writes: name another role, or switch it off';
  return null;
}

/** Difference between the server's clock and this machine's, by one question in an open transaction. */
export function readClockDifference(database: Database): Promise<ClockDifference> {
  return database.read(async (tx) => {
    const sentMs = Date.now();
    const rows = await tx.query<[number]>('select clock_timestamp()');
    const receivedMs = Date.now();
    return clockDifference({ sentMs, receivedMs, serverMs: (rows[0]?.[0] as number) / 1000 });
  });
}

/** Rights of a runner that this role does not have, as "insert on price_bars"; of tables that are there. */
export async function listMissingRights(tx: Tx, schema: string): Promise<string[]> {
  const wanted = listRunnerRights().flatMap(({ table, rights }) =>
    rights.split(', ').map((right) => [table, right] as const),
  );
  const rows = await tx.query<[string]>(
    `with wanted as (
       select * from unnest($2::text[], $3::text[]) as w (name, right_name)
       union all
       select $4, r from unnest(case when obj_description(to_regclass($4), 'pg_class') like '%' || $5 || '%'
         then array['select', 'insert', 'update'] else array['select'] end) r)
     select format('%s on %s', w.right_name, w.name) from wanted w
     join pg_class c on c.relname = w.name join pg_namespace n on n.oid = c.relnamespace and n.nspname = $1
     where not has_table_privilege(c.oid, w.right_name)
     union all
     select format('temporary on database %I', current_database())
     where not has_database_privilege(current_database(), 'temporary')`,
    [schema, wanted.map(([table]) => table), wanted.map(([, right]) => right), DEFAULT_SOURCE, OURS],
  );
  return rows.map(([right]) => right).sort();
}

/** The triggers that note changes of a source and are missing or switched off. */
export async function listMissingTriggers(tx: Tx, { schema, name }: SourcePart): Promise<string[]> {
  const rows = await tx.query<[string]>(
    `select t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and t.tgname = any($3) and t.tgenabled in ('O', 'A')`,
    [schema, name, NOTE_TRIGGERS],
  );
  const found = new Set(rows.map(([trigger]) => trigger));
  return NOTE_TRIGGERS.filter((trigger) => !found.has(trigger));
}

/** Whether the role may read a source. */
export async function readIsReadable(tx: Tx, source: SourcePart): Promise<boolean> {
  const rows = await tx.query<[boolean]>(
    `select has_schema_privilege($1, 'usage') and has_table_privilege($2::regclass, 'select')`,
    [source.schema, source.relation],
  );
  return rows[0]?.[0] === true;
}
