import { LeaseLostError } from '../../storage/failures/lease-lost.js';
import {
  deleteLease,
  LEASE_SECONDS,
  type LeaseInfo,
  type LeaseToken,
  readLoss,
  writeLeaseHeartbeat,
} from '../../storage/lease/lease.js';
import { writeLeaseTakeover } from '../../storage/lease/takeover.js';
import type { Database } from '../../storage/session/database.js';
import { describeThisProcess, isProvenDead } from '../program/process-identity.js';

export interface LeaseOptions {
  info: LeaseInfo;
  /** Aborted when the run is interrupted. */
  interrupt?: AbortSignal | undefined;
  /** Called with what was done to get it. */
  say?: (text: string) => void;
  /** Between two heartbeats; left out: a quarter of what a lease lasts. */
  beatMs?: number;
}

/**
 * Runs `work` under the lease, with heartbeats; returns null, or who holds it.
 * A holder that has provably ended (kill -9, power) is not waited for, and of one that has lost the lease no transaction
 * is waited for without end.
 * `signal` is aborted when the run is interrupted, or with a LeaseLostError when the lease is lost: the fence in every
 * write transaction is what keeps a lost run from writing, the signal only saves its time.
 */
export async function underLease(
  database: Database,
  options: LeaseOptions,
  work: (lease: LeaseToken, signal: AbortSignal) => Promise<void>,
): Promise<LeaseInfo | null> {
  const info = { ...options.info, process: describeThisProcess() };
  const { say, beatMs = (LEASE_SECONDS * 1000) / 4 } = options;
  let taken = await writeLeaseTakeover(database, info, { say });
  if (taken.lease === null && isProvenDead(taken.held.info))
    taken = await writeLeaseTakeover(database, info, { dead: taken.held, say });
  if (taken.lease === null) return taken.held.info;
  const { lease } = taken;
  const lost = new AbortController();
  const beat = setInterval(() => {
    extend(database, lease).then(
      (loss) => loss === null || lost.abort(loss),
      // An unreachable database extends nothing; the fence decides.
      () => {},
    );
  }, beatMs);
  const signals = options.interrupt === undefined ? [lost.signal] : [lost.signal, options.interrupt];
  try {
    await work(lease, AbortSignal.any(signals));
    return null;
  } finally {
    clearInterval(beat);
    await deleteLease(database, lease).catch(() => {
      // It runs out by itself; the work's own outcome is what matters.
    });
  }
}

/** A heartbeat; returns how the lease was lost, null while it is ours. */
async function extend(database: Database, lease: LeaseToken): Promise<LeaseLostError | null> {
  if (await writeLeaseHeartbeat(database, lease)) return null;
  return new LeaseLostError(await database.read((tx) => readLoss(tx, lease)));
}
