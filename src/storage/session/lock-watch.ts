/** Who holds what a statement waits for: asked while it waits, because afterwards it cannot be known (decision 071). */
import pg from 'pg';
import type { Holder } from './lock-holders.js';

const LOOK_TIMEOUT_MS = 5_000;
const SHORTEST_PAUSE_MS = 50;
const COMPARED = 500;

/** Looks at one connection's statements. */
export interface LockWatch {
  /** Begins to look, until the returned function is called, whether the statement waits for a lock. */
  begin(sql: string): () => void;
  /** Who was in the way of the last statement that waited; null: none was seen. */
  seen(): Holder | null;
}

/**
 * Looks twice in the time after which a wait for a lock is given up, by a connection of its own: that of the statement is
 * busy. Statements that are over sooner cost nothing. `pid`: the process of the session, as far as it is known.
 */
export function watchLocks({
  url,
  lockMs,
  pid,
}: {
  url: string;
  lockMs: number;
  pid: number | null;
}): LockWatch {
  let holder: Holder | null = null;
  return {
    begin(sql) {
      holder = null;
      const look = () =>
        findHolder(url, sql, pid).then(
          (found) => {
            holder = found ?? holder;
          },
          // No other connection is free: no holder was seen, and the message says so.
          () => {},
        );
      const timer = setInterval(look, Math.max(lockMs / 2 - SHORTEST_PAUSE_MS, SHORTEST_PAUSE_MS));
      timer.unref();
      return () => clearInterval(timer);
    },
    seen: () => holder,
  };
}

async function findHolder(url: string, sql: string, pid: number | null): Promise<Holder | null> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: LOOK_TIMEOUT_MS,
    query_timeout: LOOK_TIMEOUT_MS,
    application_name: 'barwright look',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const result = await client.query<Holder>({ text: BLOCKER, values: [sql, pid], rowMode: 'array' });
    return result.rows[0] ?? null;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Behind a pooler the process of a session is another one than the client knows, so it is found by its statement. Of
 * several in the way the oldest that does not wait itself. Process 0 is a prepared transaction.
 */
const BLOCKER = `
  with me as (
    select pid from pg_stat_activity
    where datname = current_database() and usename = current_user and wait_event_type = 'Lock'
      and left(query, ${COMPARED}) = left($1::text, ${COMPARED})
    order by pid is not distinct from $2::int desc limit 1),
  wanted as (select l.locktype, l.relation, l.classid, l.objid from pg_locks l join me using (pid) where not l.granted limit 1)
  select b.pid, coalesce(a.application_name, ''), coalesce(a.usename::text, ''),
    to_char(a.xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    coalesce((select case locktype when 'relation' then relation::regclass::text
        when 'advisory' then format('the advisory lock %s, %s', classid, objid) end from wanted),
      (select string_agg(distinct c.relname, ', ') from pg_locks l join pg_class c on c.oid = l.relation
       where l.pid = b.pid and l.granted and l.mode <> 'AccessShareLock' and c.relkind in ('r', 'p')), 'it')
  from me cross join unnest(pg_blocking_pids(me.pid)) b (pid) left join pg_stat_activity a on a.pid = b.pid
  order by exists (select from pg_locks q where q.pid = b.pid and not q.granted), a.xact_start nulls last limit 1`;
