/** Changes that no trigger notes: once a day a seventh of the assets is compared with its source. */

import { holdLease, type LeaseToken, writeLeaseExpiry } from '../../storage/lease/lease.js';
import {
  deleteDoubts,
  listDueAssets,
  listReadFrom,
  readProvenAssets,
  readStorage,
  upsertDoubts,
  upsertProofs,
  upsertStorage,
} from '../../storage/planning/proofs.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { partOf } from '../../storage/source/select.js';
import type { Source, SourcePart } from '../../storage/source/source.js';
import { formatIdList } from '../program/format-id-list.js';
import type { RefreshReport } from '../report/refresh-report.js';

interface ProofScope {
  database: Database;
  source: Source;
  lease: LeaseToken;
  report: RefreshReport;
}

/** Assets whose fingerprints are compared in one snapshot. */
const PORTION = 500;

/**
 * Compares the assets whose turn it is, before they are planned; one that has changed is doubted, so that this run
 * compares and repairs it. Without triggers every plan compares, and there is nothing to do here.
 */
export async function proveSources(scope: ProofScope, ids: readonly number[]): Promise<void> {
  const { database, source, report } = scope;
  const part = source.parts.find(({ isTracked }) => isTracked);
  if (part === undefined) return;
  const storage = await database.read((tx) => readStorage(tx, part));
  const due = await database.read(async (tx) =>
    listDueAssets(tx, await idsOfPart(tx, scope, { part, ids }), storage),
  );
  const changed: number[] = [];
  for (let from = 0; from < due.length; from += PORTION) {
    const some = due.slice(from, from + PORTION);
    const result = await database.read((tx) => readProvenAssets(tx, partOf(source, part), some));
    changed.push(...result.changed);
    await writeUnderLease(scope, async (tx) => {
      await upsertProofs(tx, result.proven, storage);
      await upsertDoubts(tx, result.changed);
    });
  }
  if (changed.length > 0)
    report.warnings.push(
      `prices of ID ${formatIdList(changed)} were changed without a note of change (a switched-off trigger, ALTER TABLE, ` +
        'replication): they are compared with the source and repaired in this run',
    );
}

/** Files what the plans of this run have proven, when its bars are done. */
export async function fileProofs(scope: ProofScope, ids: readonly number[]): Promise<void> {
  const { database, source } = scope;
  for (const part of source.parts) {
    const storage = await database.read((tx) => readStorage(tx, part));
    await writeUnderLease(scope, async (tx) => {
      const own = await idsOfPart(tx, scope, { part, ids });
      if (!part.isTracked) return upsertProofs(tx, own, storage);
      await deleteDoubts(tx, own, storage);
      return upsertStorage(tx, own, storage);
    });
  }
}

/** Those of the assets that belong to a part. What was read from elsewhere has no rows here that could have changed. */
function idsOfPart(
  tx: Tx,
  { source }: ProofScope,
  { part, ids }: { part: SourcePart; ids: readonly number[] },
): Promise<readonly number[]> {
  return listReadFrom(tx, ids, { part, isOnly: source.parts.length === 1 });
}

async function writeUnderLease(
  { database, lease }: ProofScope,
  write: (tx: Parameters<typeof holdLease>[0]) => Promise<unknown>,
): Promise<void> {
  let isAgain = false;
  await database.repeatable(async (tx) => {
    if (isAgain) await writeLeaseExpiry(tx, lease);
    isAgain = true;
    await holdLease(tx, lease);
    await write(tx);
  });
}
