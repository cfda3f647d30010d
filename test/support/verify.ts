/** verify and state rebuild in this process, also on damage that is taken back. */
import {
  type RebuildStatesOptions,
  type RestoredAsset,
  rebuildStates,
} from '../../src/components/states/rebuild-states.js';
import type { AssetVerdict } from '../../src/components/verify/verdict.js';
import { type VerifyOptions, verifyAssets } from '../../src/components/verify/verify-assets.js';
import { formatFinding } from '../../src/domain/validation/difference.js';
import type { Database, Tx } from '../../src/storage/session/database.js';

/** Verdicts of these assets and the hash of them all. */
export async function verify(
  database: Database,
  options: Pick<VerifyOptions, 'ids'> & Partial<VerifyOptions>,
): Promise<{ sha256: string; verdicts: AssetVerdict[] }> {
  const verdicts: AssetVerdict[] = [];
  const sha256 = await verifyAssets(database, { source: null, ...options }, (verdict) => {
    verdicts.push(verdict);
  });
  return { sha256, verdicts };
}

/** Everything that is wrong with these assets, in words; nothing when they are equal to a rebuild. */
export async function listFindings(
  database: Database,
  options: Pick<VerifyOptions, 'ids'> & Partial<VerifyOptions>,
): Promise<string[]> {
  const { verdicts } = await verify(database, options);
  return verdicts.flatMap(({ id, findings, error }) => [
    ...findings.map((finding) => `${id}: ${formatFinding(finding)}`),
    ...(error === null ? [] : [`${id}: ${error}`]),
  ]);
}

/** What state rebuild did. */
export async function restoreStates(
  database: Database,
  options: Pick<RebuildStatesOptions, 'ids'> & Partial<RebuildStatesOptions>,
): Promise<RestoredAsset[]> {
  const restored: RestoredAsset[] = [];
  await rebuildStates(database, { source: null, lease: null, isDryRun: false, ...options }, (asset) => {
    restored.push(asset);
  });
  return restored;
}

/** Runs `work` on a database whose every transaction is part of one that is rolled back in the end. */
export async function inRolledBack<T>(
  database: Database,
  work: (database: Database, tx: Tx) => Promise<T>,
): Promise<T> {
  const rollBack = new Error('rolled back on purpose');
  let result: T | undefined;
  const running = database.transaction(async (tx) => {
    result = await work({ ...database, transaction: (inner) => inner(tx), read: (inner) => inner(tx) }, tx);
    throw rollBack;
  });
  await running.catch((error: unknown) => {
    if (error !== rollBack) throw error;
  });
  return result as T;
}

/** Keeps a few timeframes of every alignment and kind, short and long: the rules are the same for all. */
export function keepTimeframes(database: Database): Promise<number> {
  return database.transaction((tx) =>
    tx.execute(
      `delete from dim_timeframe where tf !~ '^(1|2|3|7|14|7300)D$' and tf !~ '^(1|2)(W|M)_' and tf !~ '^(1|3|20)Y_'`,
    ),
  );
}
