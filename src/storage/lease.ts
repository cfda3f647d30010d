import type { Database, Tx } from './database.js';

/** The right to write under one name, as a token that every takeover raises. */
export interface LeaseToken {
  name: string;
  token: number;
  /** A share of a distributed run, which is a lease of its own: whoever has lost it writes nothing either. */
  task?: { name: string; token: number };
}

/** Which process of which machine: enough to prove later that it has ended. null: not to be found out here. */
export interface ProcessIdentity {
  /** Changes with every start of the machine. */
  bootId: string | null;
  /** The space in which its process id counts: containers of one machine have one each. */
  pidSpace: string | null;
  /** When it started, in the kernel's ticks since boot: a process id is given again, this pair is not. */
  startTicks: string | null;
}

/** Who holds a lease, as they described themselves when they took it. */
export interface LeaseInfo {
  run: string;
  command: string;
  host: string;
  pid: number;
  startedAt: string;
  process?: ProcessIdentity;
}

/** A lease as it stands: who holds it, under which token. */
export interface HeldLease {
  info: LeaseInfo;
  token: number;
}

/** The lease, or who has it when it is not to be had. */
export type TakenLease = { lease: LeaseToken; held: null } | { lease: null; held: HeldLease };

/** Another run has taken the lease, or it ran out: nothing may be written any more. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

export const LEASE_SECONDS = 60;
const RUN_LEASE = 'refresh';
/** Writers that are busy for longer are left to the fence and to the keys of the tables. */
const DRAIN_LOCK_TIMEOUT = '15s';

/**
 * Takes the lease when it is free or has run out, or from `dead`, a holder that is known to have ended. `held` says who
 * has it when it is not to be had.
 * The holder is looked at first, without a lock: the upsert would wait for the write transactions that hold the fence.
 * It decides all the same: two that ask at once cannot both get it, and since it names the dead holder's token, whoever
 * has taken the lease meanwhile keeps it. Asking again, after an answer that was lost, gives the lease that was taken.
 */
export function upsertLease(
  database: Database,
  info: LeaseInfo,
  { dead = null }: { dead?: HeldLease | null } = {},
): Promise<TakenLease> {
  return database.repeatable((tx) => writeLeaseTaken(tx, info, dead));
}

/** The same in an open transaction. */
export async function writeLeaseTaken(tx: Tx, info: LeaseInfo, dead: HeldLease | null): Promise<TakenLease> {
  const holder = await readHolder(tx);
  if (holder?.info.run === info.run) return { lease: { name: RUN_LEASE, token: holder.token }, held: null };
  if (holder !== null && holder.token !== dead?.token) return { lease: null, held: holder };
  const taken = await tx.query<[number]>(
    `insert into refresh_lease as l (name, owner, token, acquired, expires, info)
     values ($1, $2, 1, clock_timestamp(), clock_timestamp() + make_interval(secs => $3), $4)
     on conflict (name) do update
       set owner = excluded.owner, token = l.token + 1, acquired = excluded.acquired,
           expires = excluded.expires, info = excluded.info
       where l.expires < clock_timestamp() or (l.token = $5::bigint and l.owner = $6::uuid)
     returning token`,
    [RUN_LEASE, info.run, LEASE_SECONDS, JSON.stringify(info), dead?.token ?? null, dead?.info.run ?? null],
  );
  const row = taken[0];
  if (row !== undefined) return { lease: { name: RUN_LEASE, token: row[0] }, held: null };
  const winner = await readHolder(tx);
  if (winner === null) throw new Error('the lease could not be taken and nobody holds it; try again');
  return { lease: null, held: winner };
}

async function readHolder(tx: Tx): Promise<HeldLease | null> {
  const rows = await tx.query<[LeaseInfo, number]>(
    'select info, token from refresh_lease where name = $1 and expires > clock_timestamp()',
    [RUN_LEASE],
  );
  const row = rows[0];
  return row === undefined ? null : { info: row[0], token: row[1] };
}

/** Extends the lease by LEASE_SECONDS and notes the sign of life of its run; false when somebody else has it now. */
export function writeLeaseHeartbeat(database: Database, lease: LeaseToken): Promise<boolean> {
  return database.transaction((tx) => writeLeaseExpiry(tx, lease));
}

/**
 * The same in an open transaction. A lease that ran out while nobody could extend it (the database was away) is ours
 * again unless it was taken over: then its token is another.
 */
export async function writeLeaseExpiry(tx: Tx, lease: LeaseToken): Promise<boolean> {
  const extended = await tx.query(
    `with beat as (
         update refresh_lease set expires = clock_timestamp() + make_interval(secs => $3)
         where name = $1 and token = $2 returning owner),
       seen as (update refresh_run set seen_at = clock_timestamp() from beat where run = beat.owner)
       select 1 from beat`,
    [lease.name, lease.token, LEASE_SECONDS],
  );
  return extended.length === 1;
}

/** Gives the lease back, if it is still ours. */
export async function deleteLease(database: Database, lease: LeaseToken): Promise<void> {
  await database.repeatable((tx) =>
    tx.execute(`update refresh_lease set expires = '-infinity' where name = $1 and token = $2`, [
      lease.name,
      lease.token,
    ]),
  );
}

/**
 * Waits until the write transactions that are open under this lease now are over, at most 15 s: what a killed process
 * had begun lives on in the server for a moment, and must not meet the process that takes its place.
 */
export async function readLeaseDrained(database: Database, lease: LeaseToken | null): Promise<void> {
  if (lease === null) return;
  await database.transaction(async (tx) => {
    await tx.execute(`set local lock_timeout = '${DRAIN_LOCK_TIMEOUT}'`);
    await tx.query('select 1 from refresh_lease where name = $1 and token = $2 for update', [
      lease.name,
      lease.token,
    ]);
  });
}

/** The first number of the advisory locks of the fence; any number that nobody else in the database uses. */
const FENCE_LOCKS = 1_650_553_463;
/** The second number, of a row of refresh_lease: the run or a task in one schema under one token. */
const fenceLockOf = (row: string): string =>
  `hashtext(current_schema() || ' ' || ${row}.name || ' ' || ${row}.token)`;

/**
 * The fence: first statement of every write transaction. A takeover of the run or of the task changes the token and so
 * waits for the holders of this lock; a heartbeat does not change the key and passes. An advisory lock of each tells
 * which sessions they are: row locks do not. Throws LeaseLostError when the lease is not ours.
 */
export async function holdLease(tx: Tx, lease: LeaseToken | null): Promise<void> {
  if (lease === null) return;
  const { task } = lease;
  const rows = await tx.query<[string]>(
    `select l.name, pg_advisory_xact_lock_shared(${FENCE_LOCKS}, ${fenceLockOf('l')})::text
     from refresh_lease l
     where l.name = $1 and l.token = $2 and l.expires > clock_timestamp() or l.name = $3 and l.token = $4
     for key share`,
    [lease.name, lease.token, task?.name ?? null, task?.token ?? null],
  );
  const isHeld = (name: string) => rows.some(([each]) => each === name);
  if (task !== undefined && !isHeld(task.name)) {
    throw new LeaseLostError(
      `"${task.name}" (token ${task.token}) was lost: another worker has taken it over, nothing more of it is written`,
    );
  }
  if (!isHeld(lease.name)) {
    throw new LeaseLostError(
      `the lease "${lease.name}" (token ${lease.token}) was lost: another run has taken over, nothing more is written`,
    );
  }
}

/** Ends the sessions that have a write transaction open under one of these tasks, whatever they are doing. */
export async function deleteTaskSessions(database: Database, names: readonly string[]): Promise<void> {
  await database.read((tx) => tx.query(endSessions('l.name = any ($1::text[])'), [names]));
}

/**
 * The same for the lease of a run, if it has run out or belongs to `dead`; returns how many. Under a lease that counts
 * nobody is ended: it is asked in the same statement, so one that was taken or came back to life meanwhile is left alone.
 */
export async function deleteLeaseSessions(database: Database, dead: HeldLease | null): Promise<number> {
  const ended = await database.read((tx) =>
    tx.query(endSessions('l.name = $1 and (l.expires < clock_timestamp() or l.token = $2::bigint)'), [
      RUN_LEASE,
      dead?.token ?? null,
    ]),
  );
  return ended.length;
}

const endSessions = (which: string): string =>
  `select pg_terminate_backend(held.pid) from refresh_lease l join pg_locks held
     on held.locktype = 'advisory' and held.objsubid = 2 and held.classid::bigint = ${FENCE_LOCKS}
     and held.objid::bigint = ${fenceLockOf('l')}::bigint & 4294967295
   where ${which} and held.pid <> pg_backend_pid()
     and held.database = (select oid from pg_database where datname = current_database())`;
