import type { AssetOutcome } from '../../domain/planning/outcome.js';
import { formatAge } from '../../domain/text/age.js';
import type { FreshnessResult } from '../../domain/validation/freshness.js';
import { decidedOutcome } from '../processes/component-result.js';

/** What the gate before the EMAs knows. */
export interface GateInput {
  ids: readonly number[];
  /** Bar outcomes of this run by id; null when bars did not run in it. */
  barOutcomes: ReadonlyMap<number, AssetOutcome> | null;
  /** Freshness of the ids; null when the check is waived (--skip-stale-check). */
  freshness: readonly FreshnessResult[] | null;
  /** Assets that are level with their calendar: however old, they have every day that is expected. */
  levelIds: ReadonlySet<number>;
}

export interface GateVerdict {
  /** Assets whose EMAs may run. */
  passed: number[];
  skipped: AssetOutcome[];
}

/**
 * Decides whose EMAs may run. What is behind (its bars failed, or are stale and did not run) is skipped. Bars that ran are level
 * with their source: however old they are, their EMAs follow them (decision 033).
 */
export function judgeGate(input: GateInput): GateVerdict {
  const verdict: GateVerdict = { passed: [], skipped: [] };
  const freshness = new Map(input.freshness?.map((result) => [result.id, result]));
  for (const id of input.ids) {
    const reason = skipReason(id, input, freshness.get(id));
    if (reason !== null) {
      verdict.skipped.push(decidedOutcome(id, 'skipped', { reason }));
      continue;
    }
    verdict.passed.push(id);
  }
  return verdict;
}

function skipReason(id: number, input: GateInput, fresh: FreshnessResult | undefined): string | null {
  const bars = input.barOutcomes?.get(id);
  if (bars !== undefined && bars.status !== 'ok') return `bars ${bars.status}: ${bars.reason}`;
  if (fresh === undefined || fresh.isFresh) return null;
  if (bars !== undefined) return null;
  if (fresh.reason === 'no_state') return 'no bars yet (no_state)';
  if (input.levelIds.has(id)) return null;
  return `stale, last price ${formatAge(fresh.stalenessHours)} ago`;
}
