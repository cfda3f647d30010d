import type { AssetOutcome } from '../../domain/planning/outcome.js';
import {
  findUnusableIds,
  listActiveIds,
  listUnregisteredIds,
  upsertSourceAssets,
} from '../../storage/assets/assets.js';
import { describeFailure, isCommonFailure } from '../../storage/failures/failures.js';
import { holdLease, type LeaseToken, writeLeaseExpiry } from '../../storage/lease/lease.js';
import type { Database } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';
import { decidedOutcome } from '../processes/component-result.js';

/** Whom a run is about: the usable ids, and an outcome for each one that is not. */
export interface Selection {
  ids: number[];
  refused: AssetOutcome[];
}

/**
 * Registers source ids that dim_assets lacks, under the run's lease, and returns them; or in a sentence why the source
 * could not be asked.
 * (A read-only source and a registered asset are the same thing to everything that follows.)
 */
export async function registerSourceAssets(
  database: Database,
  source: Source,
  lease: LeaseToken,
): Promise<number[] | string> {
  let isAgain = false;
  const registering = database.repeatable(async (tx) => {
    if (isAgain) await writeLeaseExpiry(tx, lease);
    isAgain = true;
    await holdLease(tx, lease);
    return upsertSourceAssets(tx, source);
  });
  // A row for which a view fails must not keep the known assets from being refreshed.
  return registering.catch((error: unknown) => {
    if (isCommonFailure(error)) throw error;
    return describeFailure(error);
  });
}

/**
 * Resolves what was asked for: null = the active ids; unknown and retired ids are failures that name them.
 * With `source`, its ids that dim_assets lacks count as if they were registered: a dry run registers nothing.
 */
export async function selectIds(
  database: Database,
  asked: readonly number[] | null,
  { source = null }: { source?: Source | null } = {},
): Promise<Selection> {
  return database.read(async (tx) => {
    const unregistered = source === null ? [] : await listUnregisteredIds(tx, source);
    if (asked === null) {
      const ids = [...(await listActiveIds(tx)), ...unregistered];
      return { ids: ids.sort((a, b) => a - b), refused: [] };
    }
    const unusable = await findUnusableIds(tx, asked);
    const unknown = unusable.unknown.filter((id) => !unregistered.includes(id));
    return selectionOf(asked, { unknown, retired: unusable.retired });
  });
}

function selectionOf(
  asked: readonly number[],
  { unknown, retired }: { unknown: readonly number[]; retired: readonly number[] },
): Selection {
  const unusable = new Set([...unknown, ...retired]);
  return {
    ids: asked.filter((id) => !unusable.has(id)),
    refused: [
      ...unknown.map((id) =>
        decidedOutcome(id, 'failed', { reason: `unknown id: neither in dim_assets nor in the source` }),
      ),
      ...retired.map((id) => decidedOutcome(id, 'failed', { reason: 'retired: not active in dim_assets' })),
    ],
  };
}
