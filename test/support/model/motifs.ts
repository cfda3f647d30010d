/**
 * Sequences that lead to one rare state: what the plan shall say, what shall disturb it, and the way out. What chance
 * draws comes to most of them too seldom.
 */
import fc from 'fast-check';
import type { HistoryShape } from '../histories.js';
import { type ChangeKind, IDS, type Operation, type RefreshOperation, WHOLE } from './operations.js';
import type { Fault, PlanKind, Way } from './rare-states.js';

/** Every day is there, and right. */
const SOUND = {
  ...{ firstDay: 15_000, gapRate: 0, longestGap: 1 },
  ...{ ties: false, badRate: 0, longestChunk: 30 },
};

const days = (id: number, rows: number, seed: number): Operation => {
  const shape: HistoryShape = { ...SOUND, rows, seed };
  return { type: 'append', id, shape };
};
const change = (id: number, kind: ChangeKind, row = 0): Operation => ({
  type: 'change',
  change: { kind, id, row },
});
const lose = (id: number): Operation => ({ type: 'shrink', id, share: 1 });

interface Draw {
  id: number;
  plan: PlanKind;
  fault: Fault;
  way: Way;
  seed: number;
  late: ChangeKind;
  /** Where in the run it is disturbed: in statements, and as a part of a usual run. */
  statement: number;
  moment: number;
  victim: number;
}

/** Operations after which a run says that of the asset. */
function prepare({ id, plan, seed }: Draw): Operation[] {
  const built = [days(id, 12, seed), WHOLE];
  const lost: Operation[] = [...built, lose(id)];
  const of: Readonly<Record<PlanKind, Operation[]>> = {
    none: built,
    append: [...built, days(id, 3, seed + 1)],
    // The first append takes a base.
    'repair from a base': [...built, days(id, 9, seed + 1), WHOLE, change(id, 'newest_close', seed)],
    'repair of everything': [...built, change(id, 'close')],
    rebuild: built,
    blocked: lost,
    'no prices': [...lost, { ...WHOLE, acceptDeletions: true }],
  };
  return of[plan];
}

function disturb({ id, plan, fault, way, ...draw }: Draw): RefreshOperation {
  const { late: kind, statement, moment, victim, seed } = draw;
  const isRetried = way === 'tried again';
  const isEmpty = plan === 'blocked' || plan === 'no prices';
  return {
    ...WHOLE,
    fullRebuild: plan === 'rebuild',
    late:
      fault === 'late write'
        ? { kind: isEmpty ? 'first_day' : kind, id, row: seed, statement, isOpenBefore: seed % 2 === 0 }
        : null,
    kill: fault.startsWith('killed')
      ? { victim, moment: fault.endsWith('after') ? 0.5 + moment / 2 : moment / 2 }
      : null,
    // Bars come first: what comes after their commit are EMAs and indicators.
    cut: fault.startsWith('connection lost')
      ? { statement: fault.endsWith('after') ? 20 + 2 * statement : statement, isRetried }
      : null,
  };
}

/** What happens before the next run, and that run. */
function lead({ id, plan, way, seed }: Draw): Operation[] {
  const back: Operation[] =
    plan === 'blocked'
      ? [{ type: 'bring_back', id, every: 1 }]
      : plan === 'no prices'
        ? [days(id, 4, seed)]
        : [];
  const next = { ...WHOLE, acceptDeletions: plan === 'blocked' && way === 'next: repair' };
  const of: Readonly<Record<Way, Operation[]>> = {
    'at once': [],
    'tried again': [],
    'next: none': [...back, next],
    'next: append': [...back, days(id, 2, seed + 2), next],
    'next: repair': plan === 'blocked' ? [next] : [...back, change(id, 'close'), next],
    'next: rebuild': [...back, { ...next, fullRebuild: true }],
  };
  return of[way];
}

/** Sequences for cells of these. */
export function motifs(
  cells: readonly { plan: PlanKind; fault: Fault; way: Way }[],
): fc.Arbitrary<Operation[]> {
  return fc
    .record({
      cell: fc.constantFrom(...cells),
      id: fc.constantFrom(...IDS),
      seed: fc.nat({ max: 1_000 }),
      late: fc.constantFrom<ChangeKind>('close', 'new_day', 'older_day', 'delete'),
      statement: fc.integer({ min: 1, max: 30 }),
      moment: fc.double({ min: 0.2, max: 0.9, noNaN: true }),
      victim: fc.nat({ max: 5 }),
    })
    .map(({ cell, ...draw }) => {
      const drawn = { ...draw, ...cell };
      return [...prepare(drawn), disturb(drawn), ...lead(drawn)];
    });
}
