import type { SplitStanding } from '../../domain/prices/split.js';
import type { Expectations } from '../../domain/source/expectation.js';
import { type Asset, listAssets } from '../../storage/assets/assets.js';
import { listQuarantine } from '../../storage/planning/quarantine.js';
import type { Database } from '../../storage/session/database.js';
import { readCalendarStandings } from '../lateness/calendar-standings.js';
import { readSplitStandings } from './list-splits.js';

/** An asset with what it is quarantined for, by component, and with its splits. */
export interface ListedAsset extends Asset {
  quarantined: { component: string; failures: number; reason: string; since: string }[];
  splits: SplitStanding[];
  /** When its prices are expected, and how it stands against that, in words; null: retired. */
  calendar: string | null;
}

/** Every asset, the retired too, ascending by id. */
export async function listAssetStandings(
  database: Database,
  expectations: Expectations,
): Promise<ListedAsset[]> {
  return database.read(async (tx) => {
    const entries = await listQuarantine(tx, null);
    const assets = await listAssets(tx);
    const splits = await readSplitStandings(
      tx,
      assets.map(({ id }) => id),
    );
    const calendars = new Map(
      (await readCalendarStandings(tx, null, expectations)).map(({ id, words }) => [id, words]),
    );
    return assets.map((asset) => ({
      ...asset,
      calendar: calendars.get(asset.id) ?? null,
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
