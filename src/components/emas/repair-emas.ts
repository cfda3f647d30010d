/** Repair of alignments of assets: EMAs computed from the first day or from a base, compared with what is stored, and only differences written. */
import { readDifferences, writeDifferences } from '../../storage/copy/differences.js';
import { pointsAfter } from '../../storage/emas/bases.js';
import { type EmaCarryRow, upsertEmaCarries } from '../../storage/emas/ema-states.js';
import {
  type DailyCloses,
  EMA_POINT_SHAPE,
  type EmaPointRow,
  pointsOfAlignments,
} from '../../storage/emas/emas.js';
import type { Tx } from '../../storage/session/database.js';
import { bookWrites, type WriteTally } from '../writing/write-tally.js';
import { type AssetTask, carryOfBase, type EmaSeries, emptyCarry, stepTask } from './step-alignments.js';

/** One alignment of one asset, with everything that its EMAs are made of. */
export interface RepairInput {
  task: AssetTask;
  series: readonly EmaSeries[];
  /** All daily closes of the asset, or those since its base. */
  daily: DailyCloses | null;
}

/** Alignments are compared together up to this many daily rows of theirs: enough to hide a statement, little to hold. */
const REPAIR_ROWS = 5_000;

/** Repairs these alignments in the open transaction. */
export async function repairTasks(
  tx: Tx,
  inputs: readonly RepairInput[],
  { periods, tally }: { periods: readonly number[]; tally: WriteTally },
): Promise<void> {
  const carries: EmaCarryRow[] = [];
  const isWhole = ({ task }: RepairInput) => task.base === null;
  const groups = [
    ...groupByRows(inputs.filter(isWhole)),
    ...groupByRows(inputs.filter((input) => !isWhole(input))),
  ];
  for (const group of groups) {
    const expected = function* (): Generator<EmaPointRow> {
      for (const { task, series, daily } of group) {
        const carry = task.base === null ? emptyCarry(task) : carryOfBase(task.base);
        yield* stepTask(task, series, { daily, periods, carry });
        carries.push(carry.row);
      }
    };
    const bases = group.flatMap(({ task: { base } }) => (base === null ? [] : [base]));
    const from = bases.length > 0 ? pointsAfter(bases) : pointsOfAlignments(group.map(({ task }) => task));
    const differences = await readDifferences(tx, EMA_POINT_SHAPE, { from, expected: expected() });
    const rows = differences.map(({ expected: row, stored }) => ({ id: row?.id ?? (stored?.[0] as number) }));
    bookWrites(tally, 'ema_points', {
      rows,
      written: await writeDifferences(tx, EMA_POINT_SHAPE, differences),
    });
  }
  const written = await upsertEmaCarries(tx, carries);
  bookWrites(tally, 'ema_carry', { rows: written, written: written.length });
}

function* groupByRows(inputs: readonly RepairInput[]): Generator<RepairInput[]> {
  let group: RepairInput[] = [];
  let rows = 0;
  for (const input of inputs) {
    const more = input.daily?.length ?? 0;
    if (group.length > 0 && rows + more > REPAIR_ROWS) {
      yield group;
      [group, rows] = [[], 0];
    }
    group.push(input);
    rows += more;
  }
  if (group.length > 0) yield group;
}
