/** Repair of one alignment of one asset: EMAs recomputed from the first day, compared with what is stored, mended where they differ. */

import type { Tx } from '../../storage/database.js';
import { readDifferences, type TableShape, writeDifferences } from '../../storage/differences.js';
import { deleteEmaLags, readEmaLags, upsertEmaLags } from '../../storage/ema-lag.js';
import {
  type DailyCloses,
  EMA_POINT_SHAPE,
  EMA_STATE_SHAPE,
  upsertEmaAssetStates,
} from '../../storage/emas.js';
import { type AssetSeries, alignmentLiteral } from '../../storage/series.js';
import { bookWrites, type WriteTally } from '../write-tally.js';
import { type AssetTask, type EmaSeries, type EmaWrites, noWrites, stepTask } from './step-alignments.js';

export interface RepairInput {
  series: readonly EmaSeries[];
  /** All daily closes of the asset. */
  daily: DailyCloses | null;
  periods: readonly number[];
  tally: WriteTally;
}

/** Mends one alignment in the open transaction. */
export async function repairTask(tx: Tx, task: AssetTask, input: RepairInput): Promise<void> {
  const { series, daily, periods, tally } = input;
  const { id, alignment } = task;
  const expected = noWrites();
  const points = [...stepTask(task, series, { daily, periods, writes: expected })];
  const mend = async <T extends { id: number }>(shape: TableShape<T>, rows: readonly T[]) => {
    const where = `alignment = ${alignmentLiteral(alignment)}`;
    const differences = await readDifferences(tx, shape, { id, expected: rows, where });
    const written = await writeDifferences(tx, shape, differences);
    bookWrites(tally, shape.table, { rows: differences.map(() => ({ id })), written });
  };
  await mend(EMA_POINT_SHAPE, points);
  await mend(EMA_STATE_SHAPE, expected.states);
  await replaceLags(tx, task, { expected, tally });
  bookWrites(tally, 'ema_asset_state', {
    rows: expected.assets,
    written: await upsertEmaAssetStates(tx, expected.assets),
  });
}

async function replaceLags(
  tx: Tx,
  { id, alignment }: AssetTask,
  { expected, tally }: { expected: EmaWrites; tally: WriteTally },
): Promise<void> {
  const stored = (await readEmaLags(tx, [id], [alignment])).get(id) ?? new Map();
  const kept = new Set(expected.lags.map(({ tf }) => `${alignment} ${tf}`));
  const gone = [...stored.keys()]
    .filter((key) => !kept.has(key))
    .map((key): AssetSeries => ({ id, alignment, tf: key.slice(alignment.length + 1) }));
  bookWrites(tally, 'ema_series_lag', { rows: gone, written: await deleteEmaLags(tx, gone) });
  if (expected.lags.length > 0) {
    const written = await upsertEmaLags(tx, expected.lags);
    bookWrites(tally, 'ema_series_lag', { rows: Array.from({ length: written }, () => ({ id })), written });
  }
}
