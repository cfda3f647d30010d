import { type SplitStanding, standSplits } from '../../domain/prices/split.js';
import { readSplits } from '../../storage/assets/splits.js';
import { readDailyStates } from '../../storage/planning/bar-facts.js';
import type { Database, Tx } from '../../storage/session/database.js';

/** Splits of these assets with where they stand, by asset: announced ones too, and those taken back that bars still have. */
export async function readSplitStandings(
  tx: Tx,
  ids: readonly number[],
): Promise<Map<number, SplitStanding[]>> {
  const recorded = await readSplits(tx, ids);
  const states = await readDailyStates(tx, ids);
  const standings = new Map<number, SplitStanding[]>();
  for (const id of ids) {
    const state = states.get(id);
    const found = standSplits(recorded.get(id) ?? [], {
      applied: state?.splits ?? '',
      lastSrcUs: state?.lastSrcUs ?? null,
    });
    if (found.length > 0) standings.set(id, found);
  }
  return standings;
}

/** The same of one asset. */
export async function readAssetSplits(database: Database, id: number): Promise<SplitStanding[]> {
  return database.read(async (tx) => (await readSplitStandings(tx, [id])).get(id) ?? []);
}
