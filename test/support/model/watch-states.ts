/** Watches the runs of a world, asset by asset: which plan was disturbed by what, and which way led out of it. */
import { findStarts } from '../../../src/components/bars/repair-starts.js';
import { includesDaily, planBars } from '../../../src/domain/planning/plan.js';
import { readBarFacts } from '../../../src/storage/planning/bar-facts.js';
import type { Database } from '../../../src/storage/session/database.js';
import { readFaults } from '../../../src/storage/source/fault.js';
import { readSource } from '../../../src/storage/source/source.js';
import type { RefreshOperation } from './operations.js';
import { type Cell, type CellCounts, countCell, type Fault, type PlanKind, type Way } from './rare-states.js';

interface PlanScope {
  ids: readonly number[];
  relation: string | null;
  tfs: readonly string[] | null;
  operation: Pick<RefreshOperation, 'stages' | 'builders' | 'fullRebuild' | 'acceptDeletions'>;
}

/** `refresh --all`. */
export const WHOLE_RUN: PlanScope['operation'] = {
  ...{ stages: 'both', builders: null, fullRebuild: false, acceptDeletions: false },
};

/** What a run would do now with the bars of each asset; without 1D bars in the run it is not looked at. */
export function readPlanKinds(live: Database, scope: PlanScope): Promise<Map<number, PlanKind>> {
  const { ids, relation, tfs, operation } = scope;
  const { builders: only, fullRebuild, acceptDeletions } = operation;
  if (operation.stages === 'emas' || !includesDaily(only)) return Promise.resolve(new Map());
  return live.read(async (tx) => {
    const source = await readFaults(tx, await readSource(tx, relation), ids);
    const facts = await readBarFacts(tx, { ids, source, only, tfs });
    const isAll = only === null && tfs === null && !acceptDeletions;
    const planned = facts.map((fact) => ({ fact, plan: planBars(fact, { fullRebuild, acceptDeletions }) }));
    const repaired = planned.filter(({ plan }) => plan.action === 'repair').map(({ fact }) => fact);
    const starts = isAll ? await findStarts(tx, repaired) : new Map<number, unknown>();
    return new Map(planned.map(({ plan }) => [plan.id, kindOf(plan, starts.has(plan.id))]));
  });
}

function kindOf({ action, isBlocked }: { action: string; isBlocked: boolean }, hasStart: boolean): PlanKind {
  if (isBlocked) return 'blocked';
  if (action === 'skip') return 'no prices';
  if (action === 'repair') return hasStart ? 'repair from a base' : 'repair of everything';
  return action as 'none' | 'append' | 'rebuild';
}

/** What came of a run. */
export interface WatchedRun {
  plans: ReadonlyMap<number, PlanKind>;
  /** Assets that the run says it has come to the end of. */
  done: readonly number[];
  /** How it ended before its end; null: it did not. */
  ended: 'killed' | 'connection lost' | null;
  /** It lost its connection and tried again: assets of the batch that was lost. */
  retried: readonly number[];
  /** Of whom rows have changed. */
  changed: readonly number[];
  /** About whom a loader committed while the run was at work. */
  late: readonly number[];
}

const WAY_OF: Readonly<Partial<Record<PlanKind, Way>>> = {
  none: 'next: none',
  append: 'next: append',
  'repair from a base': 'next: repair',
  'repair of everything': 'next: repair',
  rebuild: 'next: rebuild',
};

/** Of one world. */
export class StateWatch {
  readonly #counts: CellCounts;
  /** Assets that are not right yet. */
  readonly #open = new Map<number, Omit<Cell, 'way'>>();

  constructor(counts: CellCounts) {
    this.#counts = counts;
  }

  note(run: WatchedRun): void {
    for (const [id, plan] of run.plans) {
      const isDone = run.done.includes(id);
      const way = WAY_OF[plan];
      const open = this.#open.get(id);
      if (open !== undefined && isDone && way !== undefined) {
        countCell(this.#counts, { ...open, way });
        this.#open.delete(id);
      }
      const fault = faultOf(id, plan, run);
      if (fault === 'nothing' && run.retried.includes(id) && !isIdle(plan))
        countCell(this.#counts, { plan, fault: 'connection lost before', way: 'tried again' });
      else if (fault !== 'nothing' || plan === 'blocked' || plan === 'no prices')
        this.#open.set(id, { plan, fault });
      else if (isDone) countCell(this.#counts, { plan, fault, way: 'at once' });
    }
  }
}

/** Nothing of it is written, so nothing can come before or after its commit. */
function isIdle(plan: PlanKind): boolean {
  return plan === 'none' || plan === 'blocked' || plan === 'no prices';
}

function faultOf(id: number, plan: PlanKind, { ended, changed, late }: WatchedRun): Fault {
  if (ended !== null && !isIdle(plan)) return `${ended} ${changed.includes(id) ? 'after' : 'before'}`;
  return late.includes(id) ? 'late write' : 'nothing';
}
