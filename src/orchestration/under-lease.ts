import type { Database } from '../storage/database.js';
import {
  deleteLease,
  LEASE_SECONDS,
  type LeaseInfo,
  type LeaseToken,
  upsertLease,
  writeLeaseHeartbeat,
} from '../storage/lease.js';

export interface LeaseOptions {
  info: LeaseInfo;
  /** Aborted when the run is interrupted. */
  interrupt?: AbortSignal | undefined;
}

/**
 * Runs `work` under the lease, with heartbeats; returns null, or who holds it when it was not to be had.
 * `signal` is aborted when the run is interrupted or the lease is lost: the fence in every write transaction is what
 * keeps a lost run from writing, the signal only saves its time.
 */
export async function underLease(
  database: Database,
  options: LeaseOptions,
  work: (lease: LeaseToken, signal: AbortSignal) => Promise<void>,
): Promise<LeaseInfo | null> {
  const taken = await upsertLease(database, options.info);
  if (taken.lease === null) return taken.held;
  const { lease } = taken;
  const lost = new AbortController();
  const beat = setInterval(
    () => {
      writeLeaseHeartbeat(database, lease).then(
        (isOurs) => isOurs || lost.abort('lease lost'),
        // An unreachable database extends nothing; the fence decides.
        () => {},
      );
    },
    (LEASE_SECONDS * 1000) / 4,
  );
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
