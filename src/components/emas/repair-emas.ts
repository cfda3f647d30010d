/** Repair of one alignment of one asset: EMAs recomputed from the first day, compared with what is stored, and only differences written. */

import { readDifferences, writeDifferences } from '../../storage/copy/differences.js';
import { upsertEmaCarries } from '../../storage/emas/carry.js';
import { type DailyCloses, EMA_POINT_SHAPE } from '../../storage/emas/emas.js';
import { alignmentLiteral } from '../../storage/series/series.js';
import type { Tx } from '../../storage/session/database.js';
import { bookWrites, type WriteTally } from '../writing/write-tally.js';
import { type AssetTask, type EmaSeries, emptyCarry, stepTask } from './step-alignments.js';

export interface RepairInput {
  series: readonly EmaSeries[];
  /** All daily closes of the asset. */
  daily: DailyCloses | null;
  periods: readonly number[];
  tally: WriteTally;
}

/** Repairs one alignment in the open transaction. */
export async function repairTask(tx: Tx, task: AssetTask, input: RepairInput): Promise<void> {
  const { series, daily, periods, tally } = input;
  const { id, alignment } = task;
  const carry = emptyCarry(task);
  const points = [...stepTask(task, series, { daily, periods, carry })];
  const where = `alignment = ${alignmentLiteral(alignment)}`;
  const differences = await readDifferences(tx, EMA_POINT_SHAPE, { id, expected: points.values(), where });
  const rows = differences.map(() => ({ id }));
  bookWrites(tally, 'ema_points', {
    rows,
    written: await writeDifferences(tx, EMA_POINT_SHAPE, differences),
  });
  const written = await upsertEmaCarries(tx, [carry.row]);
  bookWrites(tally, 'ema_carry', { rows: Array.from({ length: written }, () => ({ id })), written });
}
