import { LeaseLostError } from '../failures/lease-lost.js';
import type { Database, Tx } from '../session/database.js';

/**
 * One holding of the right to write under one name. A takeover raises the token; but a restore, a deleted row or a
 * standby that missed a takeover takes it back, and then it is given a second time. The owner is a random UUID that is
 * made for one holding, so both together are unique for ever: whatever asks for a holding compares both.
 */
export interface Holding {
  name: string;
  /** The run, or for a task of a distributed run the claim of the worker that took it. */
  owner: string;
  token: number;
}

/** The right of a run to write. */
export interface LeaseToken extends Holding {
  /** A share of a distributed run, which is a lease of its own: a worker that has lost it writes nothing either. */
  task?: Holding;
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
export interface HeldLease extends Holding {
  info: LeaseInfo;
}

/** The lease, or its holder when another has it. */
export type TakenLease = { lease: LeaseToken; held: null } | { lease: null; held: HeldLease };

export const LEASE_SECONDS = 60;
export const RUN_LEASE = 'refresh';
/** Writers that are busy for longer are left to the fence and to the keys of the tables. */
const DRAIN_LOCK_TIMEOUT = '15s';

/**
 * Takes the lease when it is free or has run out, or from `dead`, a holder that is known to have ended. `held` says who
 * has it otherwise.
 * The holder is looked at first, without a lock: the upsert would wait for the write transactions that hold the fence.
 * It decides all the same: two that ask at once cannot both get it, and since it names the dead holder's token, a run that
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
  if (holder?.owner === info.run) return { lease: holdingOf(holder), held: null };
  if (holder !== null && !isSameHolding(holder, dead)) return { lease: null, held: holder };
  const taken = await tx.query<[number]>(
    `insert into refresh_lease as l (name, owner, token, acquired, expires, info)
     values ($1, $2, 1, clock_timestamp(), clock_timestamp() + make_interval(secs => $3), $4)
     on conflict (name) do update
       set owner = excluded.owner, token = l.token + 1, acquired = excluded.acquired,
           expires = excluded.expires, info = excluded.info
       where not ${isLive('l')} or ${isHolding('l', 5)}
     returning token`,
    [RUN_LEASE, info.run, LEASE_SECONDS, JSON.stringify(info), ...paramsOf(dead)],
  );
  const row = taken[0];
  if (row !== undefined) return { lease: { name: RUN_LEASE, owner: info.run, token: row[0] }, held: null };
  const winner = await readHolder(tx);
  if (winner === null) throw new Error('the lease could not be taken although no run holds it; try again');
  return { lease: null, held: winner };
}

async function readHolder(tx: Tx): Promise<HeldLease | null> {
  const rows = await tx.query<[LeaseInfo, string, number]>(
    `select info, owner::text, token from refresh_lease l where name = $1 and ${isLive('l')}`,
    [RUN_LEASE],
  );
  const row = rows[0];
  return row === undefined ? null : { name: RUN_LEASE, info: row[0], owner: row[1], token: row[2] };
}

const holdingOf = ({ name, owner, token }: Holding): Holding => ({ name, owner, token });

function isSameHolding(one: Holding, other: Holding | null): boolean {
  return one.name === other?.name && one.owner === other.owner && one.token === other.token;
}

/**
 * SQL: the row of refresh_lease counts now. One that ends later than any holder could have written was written by a clock
 * that was wrong; it does not count, or it would shut out every run for as long as the clock was ahead. Twice the
 * length of a lease is allowed for, so that a clock which is set back a little takes no lease from a living run (decision 059).
 */
export function isLive(row: string, seconds = LEASE_SECONDS): string {
  return `(${row}.expires > clock_timestamp() and ${row}.expires <= clock_timestamp() + make_interval(secs => ${2 * seconds}))`;
}

/** SQL: the row of refresh_lease is the holding whose `paramsOf` begin at parameter number `first` (decision 058). */
export function isHolding(row: string, first: number): string {
  return `(${row}.name = $${first}::text and ${row}.owner = $${first + 1}::uuid and ${row}.token = $${first + 2}::bigint)`;
}

/** Parameters of isHolding; null is no row. */
export function paramsOf(holding: Holding | null | undefined): (string | number | null)[] {
  return [holding?.name ?? null, holding?.owner ?? null, holding?.token ?? null];
}

/** Extends the lease by LEASE_SECONDS and notes the sign of life of its run; false when somebody else has it now. */
export function writeLeaseHeartbeat(database: Database, lease: LeaseToken): Promise<boolean> {
  return database.transaction((tx) => writeLeaseExpiry(tx, lease));
}

/**
 * The same in an open transaction. A lease that ran out while it could not be extended (the database was away) is ours
 * again unless it was taken over: then its owner and token are others.
 */
export async function writeLeaseExpiry(tx: Tx, lease: LeaseToken): Promise<boolean> {
  const extended = await tx.query(
    `with beat as (
         update refresh_lease l set expires = clock_timestamp() + make_interval(secs => $4)
         where ${isHolding('l', 1)} returning owner),
       seen as (update refresh_run set seen_at = clock_timestamp() from beat where run = beat.owner)
       select 1 from beat`,
    [...paramsOf(lease), LEASE_SECONDS],
  );
  return extended.length === 1;
}

/** Gives the lease back, if it is still ours. */
export async function deleteLease(database: Database, lease: LeaseToken): Promise<void> {
  await database.repeatable((tx) =>
    tx.execute(
      `update refresh_lease l set expires = '-infinity' where ${isHolding('l', 1)}`,
      paramsOf(lease),
    ),
  );
}

/**
 * Waits until the write transactions that are open under this lease now are over, at most 15 s: what a killed process
 * had begun lives on in the server for a moment, and must not meet the process that takes its place.
 */
export async function readLeaseDrained(database: Database, lease: Holding | null): Promise<void> {
  if (lease === null) return;
  await database.transaction(async (tx) => {
    await tx.execute(`set local lock_timeout = '${DRAIN_LOCK_TIMEOUT}'`);
    await tx.query(`select 1 from refresh_lease l where ${isHolding('l', 1)} for update`, paramsOf(lease));
  });
}

/** The first number of the advisory locks of the fence. */
const FENCE_LOCKS = 1_650_553_463;
/** The second number, of a row of refresh_lease: one holding of the run or of a task in one schema. */
const fenceLockOf = (row: string): string =>
  `hashtext(concat_ws(' ', current_schema(), ${row}.name, ${row}.owner, ${row}.token))`;

/**
 * The fence: first statement of every write transaction. A takeover of the run or of the task changes the token and so
 * waits for the holders of this lock; a heartbeat does not change the key and passes. An advisory lock of each shows
 * which sessions they are: row locks do not. It is tried, not waited for: where a stranger uses the same numbers the
 * session goes unnamed, and writes all the same. Throws LeaseLostError when the lease is not ours.
 */
export async function holdLease(tx: Tx, lease: LeaseToken | null): Promise<void> {
  if (lease === null) return;
  const { task } = lease;
  const rows = await tx.query<[string]>(
    `select l.name, pg_try_advisory_xact_lock_shared(${FENCE_LOCKS}, ${fenceLockOf('l')})
     from refresh_lease l
     where ${isHolding('l', 1)} and l.expires > clock_timestamp() or ${isHolding('l', 4)}
     for key share`,
    [...paramsOf(lease), ...paramsOf(task)],
  );
  const isHeld = (name: string) => rows.some(([each]) => each === name);
  for (const holding of task === undefined ? [lease] : [task, lease])
    if (!isHeld(holding.name)) throw new LeaseLostError(await readLoss(tx, holding));
}

/** Why a holding does not count any more, as a sentence. */
export async function readLoss(tx: Tx, holding: Holding): Promise<string> {
  const rows = await tx.query<[boolean, string]>(
    `select ${isHolding('l', 1)}, l.owner::text from refresh_lease l where l.name = $1`,
    paramsOf(holding),
  );
  const isRun = holding.name === RUN_LEASE;
  const what = `${isRun ? 'the lease ' : ''}"${holding.name}" (token ${holding.token}) was lost`;
  const row = rows[0];
  if (row === undefined)
    return `${what}: its row is gone (deleted, or the database was restored), nothing more is written; run again`;
  const [isSame, owner] = row;
  if (isSame) return `${what}: it ran out, because it could not be extended in time; nothing more is written`;
  const taker = isRun
    ? `another run has taken over (${owner.slice(0, 8)})`
    : 'another worker has taken it over';
  return `${what}: ${taker}, nothing more is written`;
}

/** Ends the sessions that have a write transaction open under one of these tasks, whatever they are doing. */
export async function deleteTaskSessions(database: Database, names: readonly string[]): Promise<void> {
  await database.read((tx) => tx.query(endSessions('l.name = any ($1::text[])'), [names]));
}

/**
 * The same for the lease of a run, if it has run out or belongs to `dead`; returns how many. Under a lease that counts
 * no session is ended: it is asked in the same statement, so one that was taken or came back to life meanwhile is left alone.
 */
export async function deleteLeaseSessions(database: Database, dead: HeldLease | null): Promise<number> {
  const ended = await database.read((tx) =>
    tx.query(endSessions(`l.name = '${RUN_LEASE}' and (not ${isLive('l')} or ${isHolding('l', 1)})`), [
      ...paramsOf(dead),
    ]),
  );
  return ended.length;
}

/** A session counts when it has the advisory lock and has locked rows of refresh_lease: a stranger has not both. */
const endSessions = (which: string): string =>
  `select pg_terminate_backend(held.pid) from refresh_lease l join pg_locks held
     on held.locktype = 'advisory' and held.objsubid = 2 and held.classid::bigint = ${FENCE_LOCKS}
     and held.objid::bigint = ${fenceLockOf('l')}::bigint & 4294967295
   where ${which} and held.granted and held.pid <> pg_backend_pid()
     and held.database = (select oid from pg_database where datname = current_database())
     and exists (select from pg_locks fenced where fenced.pid = held.pid and fenced.database = held.database
       and fenced.relation = 'refresh_lease'::regclass and fenced.granted and fenced.mode = 'RowShareLock')`;
