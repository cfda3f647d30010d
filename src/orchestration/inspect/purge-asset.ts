import { UsageError } from '../../domain/text/errors.js';
import {
  deleteAsset,
  findIsPricesOurs,
  readAssetRows,
  readForeignRows,
  type TableRows,
} from '../../storage/assets/purge.js';
import { holdLease, type LeaseInfo } from '../../storage/lease/lease.js';
import type { Database } from '../../storage/session/database.js';
import { DEFAULT_SOURCE, readSource } from '../../storage/source/source.js';
import { underLease } from '../run/under-lease.js';

export interface PurgeScope {
  id: number;
  /** What `--source` gave; null: our own table. */
  source: string | null;
}

/** What a purge would delete, or has deleted. */
export interface Purge {
  id: number;
  isDone: boolean;
  tables: TableRows[];
  /** A source that is not ours and stays as it is; its rows bring the asset back on the next run. */
  foreign: { relation: string; rows: number } | null;
}

/** Counts what a purge would delete. Throws UsageError when there is nothing of this id. */
export function planPurge(database: Database, scope: PurgeScope): Promise<Purge> {
  return database.read(async (tx) => {
    const { id } = scope;
    const isPricesOurs = await findIsPricesOurs(tx);
    const tables = await readAssetRows(tx, { id, isPricesOurs });
    const source = await readSource(tx, scope.source);
    let foreign: Purge['foreign'] = null;
    for (const part of source.parts) {
      const isOurs = isPricesOurs && part.schema === database.schema && part.name === DEFAULT_SOURCE;
      const rows = isOurs ? 0 : await readForeignRows(tx, part, id);
      if (!isOurs && (rows > 0 || source.parts.length === 1))
        foreign = { relation: `${part.schema}.${part.name}`, rows };
    }
    if ((foreign?.rows ?? 0) === 0 && tables.every((each) => each.rows === 0)) {
      throw new UsageError(`no such asset: ${id}; "barwright asset list" shows them`);
    }
    return { id, isDone: false, tables, foreign };
  });
}

/** Deletes everything of the asset in one transaction under the lease; `heldBy` says who has it when nothing was done. */
export async function purgeAsset(
  database: Database,
  scope: PurgeScope & { info: LeaseInfo },
): Promise<{ purge: Purge; heldBy: null } | { purge: null; heldBy: LeaseInfo }> {
  const { id } = scope;
  const plan = await planPurge(database, scope);
  let tables: TableRows[] = [];
  const heldBy = await underLease(database, { info: scope.info }, async (lease) => {
    tables = await database.transaction(async (tx) => {
      await holdLease(tx, lease);
      return deleteAsset(tx, { id, isPricesOurs: await findIsPricesOurs(tx) });
    });
  });
  return heldBy === null ? { purge: { ...plan, isDone: true, tables }, heldBy } : { purge: null, heldBy };
}
