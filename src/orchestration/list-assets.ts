import { type Asset, listAssets } from '../storage/assets.js';
import type { Database } from '../storage/database.js';
import { listQuarantine } from '../storage/quarantine.js';

/** An asset with what it is quarantined for, by component. */
export interface ListedAsset extends Asset {
  quarantined: { component: string; failures: number; reason: string; since: string }[];
}

/** Every asset, the retired too, ascending by id. */
export async function readAssetsWithQuarantine(database: Database): Promise<ListedAsset[]> {
  return database.read(async (tx) => {
    const entries = await listQuarantine(tx, null);
    return (await listAssets(tx)).map((asset) => ({
      ...asset,
      quarantined: entries.flatMap(({ id, component, failures, reason, quarantinedUs }) =>
        id !== asset.id || quarantinedUs === null
          ? []
          : [
              {
                component,
                failures,
                reason,
                since: new Date(Math.floor(quarantinedUs / 1000)).toISOString(),
              },
            ],
      ),
    }));
  });
}
