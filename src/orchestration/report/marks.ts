/** What a run has named and no later run names again. */

import { holdLease, type LeaseToken } from '../../storage/lease/lease.js';
import type { Database } from '../../storage/session/database.js';
import type { Tx } from '../../storage/session/tx.js';
import { describeError } from '../program/describe-error.js';
import type { RefreshReport } from './refresh-report.js';

/** Notes in the database that something has been named. */
export type Mark = (tx: Tx) => Promise<unknown>;

/**
 * Writes marks down. Call it once the run is recorded: when a run dies before that, the next one names the same again. Never throws; what cannot be marked is named twice.
 */
export async function writeMarks(
  { database, lease, report }: { database: Database; lease: LeaseToken; report: RefreshReport },
  marks: readonly Mark[],
): Promise<void> {
  if (marks.length === 0) return;
  try {
    await database.repeatable(async (tx) => {
      await holdLease(tx, lease);
      for (const mark of marks) await mark(tx);
    });
  } catch (error) {
    report.warnings.push(`the next run names again what this one has named: ${describeError(error)}`);
  }
}
