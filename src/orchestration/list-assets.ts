import type { SplitStanding } from '../domain/split.js';
import { type Asset, listAssets } from '../storage/assets.js';
import type { Database } from '../storage/database.js';
import { listQuarantine } from '../storage/quarantine.js';
import { readSplitStandings } from './list-splits.js';

/** An asset with what it is quarantined for, by component, and with its splits. */
export interface ListedAsset extends Asset {
  quarantined: { component: string; failures: number; reason: string; since: string }[];
  splits: SplitStanding[];
}

/** Every asset, the retired too, ascending by id. */
export async function listAssetStandings(database: Database): Promise<ListedAsset[]> {
  return database.read(async (tx) => {
    const entries = await listQuarantine(tx, null);
    const assets = await listAssets(tx);
    const splits = await readSplitStandings(
      tx,
      assets.map(({ id }) => id),
    );
    return assets.map((asset) => ({
      ...asset,
      splits: splits.get(asset.id) ?? [],
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
