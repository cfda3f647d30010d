/** A lock that was not free: who holds it. */
import pg from 'pg';
import type { Tx } from './tx.js';

const LOCK_NOT_AVAILABLE = '55P03';

/** A session that was in the way, as the database shows it; process 0 is a prepared transaction. */
export type Holder = [pid: number, application: string, user: string, since: string | null, tables: string];
type Ask = (sql: string, params: readonly unknown[]) => Promise<Holder[]>;

/**
 * Makes the error of a lock timeout say who is in the way: who was `seen` while the statement waited, else who looks like
 * it now, as `ask` finds outside of the transaction that has failed. Any other error is left alone. Never throws.
 */
export async function nameLockHolder(
  error: unknown,
  { schema, lockMs, ask, seen }: { schema: string; lockMs: number; ask: Ask; seen: Holder | null },
): Promise<void> {
  if (!(error instanceof pg.DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) return;
  const holders = seen === null ? await ask(OLDEST_HOLDER, [schema]).catch(() => null) : [seen];
  error.message = `could not get a lock within ${lockMs / 1000} s${sentenceOf(holders)}`;
}

/** The oldest transaction that holds more than a reader's lock on tables of the schema and does not itself wait. */
const OLDEST_HOLDER = `
  select a.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''),
    to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), string_agg(distinct c.relname, ', ')
  from pg_locks l
  join pg_stat_activity a on a.pid = l.pid
  join pg_class c on c.oid = l.relation
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and l.granted and l.mode <> 'AccessShareLock' and c.relkind in ('r', 'p')
    and l.database = (select oid from pg_database where datname = current_database())
    and l.pid <> pg_backend_pid() and not exists (select from pg_locks w where w.pid = l.pid and not w.granted)
  group by 1, 2, 3, a.xact_start order by a.xact_start nulls last limit 1`;

function sentenceOf(holders: Holder[] | null): string {
  if (holders === null) return '; who has it could not be found out: run again';
  const [holder] = holders;
  if (holder === undefined) return '; no session holds it now: run again';
  const [pid, application, user, since, tables] = holder;
  if (pid === 0)
    return `: a prepared transaction holds ${tables}. End it with "rollback prepared" or "commit prepared" (pg_prepared_xacts names it), then run again`;
  const when = since === null ? '' : ` since ${since}`;
  return (
    `: process ${pid} of the database ("${application}", user ${user}) holds ${tables}${when}. Let it come to its end, ` +
    `or end it with "select pg_terminate_backend(${pid})", then run again`
  );
}

/** Who keeps a session of ours waiting. */
export interface LockWait {
  pid: number;
  /** Who it is, and how to end it. */
  words: string;
}

/** The oldest session that is no barwright and that one of ours has waited for, so many seconds at least; null: there is none. */
export async function findLockWait(tx: Tx, seconds: number): Promise<LockWait | null> {
  const rows = await tx.query<[number, string, string, string | null]>(
    `select h.pid, coalesce(h.application_name, ''), coalesce(h.usename::text, ''),
       to_char(h.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
     from pg_stat_activity w
     cross join lateral unnest(pg_blocking_pids(w.pid)) b (pid)
     join pg_stat_activity h on h.pid = b.pid
     where w.datname = current_database() and w.wait_event_type = 'Lock' and w.application_name like 'barwright%'
       and h.application_name not like 'barwright%'
       and w.query_start < clock_timestamp() - make_interval(secs => $1)
     order by h.xact_start nulls last, h.pid limit 1`,
    [seconds],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const [pid, application, user, since] = row;
  const when = since === null ? '' : `, in a transaction since ${since}`;
  return {
    pid,
    words:
      `process ${pid} of the database ("${application}", user ${user}${when}) has it. Let it come to its end, or end ` +
      `it with "select pg_terminate_backend(${pid})"`,
  };
}
