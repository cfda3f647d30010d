import { formatAge } from '../domain/age.js';
import type { FreshnessResult } from '../domain/freshness.js';
import type { AssetOutcome } from '../domain/outcome.js';
import { decidedOutcome } from './component-result.js';

/** What the gate before the EMAs knows. */
export interface GateInput {
  ids: readonly number[];
  /** Bar outcomes of this run by id; null when bars did not run in it. */
  barOutcomes: ReadonlyMap<number, AssetOutcome> | null;
  /** Freshness of the ids; null when the check is waived (--skip-stale-check). */
  freshness: readonly FreshnessResult[] | null;
  /** --staleness-hours was typed: then age binds even where only the source is late. */
  isLimitTyped: boolean;
}

export interface GateVerdict {
  /** Assets whose EMAs may run. */
  passed: number[];
  /** Among them: old only because their source has nothing newer. */
  sourceLate: number[];
  skipped: AssetOutcome[];
}

/**
 * Decides whose EMAs may run. The two verdicts are kept apart: *we are behind* (bars failed or did not run) skips,
 * *the source is late* (bars are level with an old source) passes with a warning.
 */
export function judgeGate(input: GateInput): GateVerdict {
  const verdict: GateVerdict = { passed: [], sourceLate: [], skipped: [] };
  const freshness = new Map(input.freshness?.map((result) => [result.id, result]));
  for (const id of input.ids) {
    const reason = skipReason(id, input, freshness.get(id));
    if (reason !== null) {
      verdict.skipped.push(decidedOutcome(id, 'skipped', { reason }));
      continue;
    }
    verdict.passed.push(id);
    if (freshness.get(id)?.reason === 'stale') verdict.sourceLate.push(id);
  }
  return verdict;
}

function skipReason(id: number, input: GateInput, fresh: FreshnessResult | undefined): string | null {
  const bars = input.barOutcomes?.get(id);
  if (bars !== undefined && bars.status !== 'ok') return `bars ${bars.status}: ${bars.reason}`;
  if (fresh === undefined || fresh.isFresh) return null;
  const isLevelWithSource = bars !== undefined;
  if (fresh.reason === 'no_state') return isLevelWithSource ? null : 'no bars yet (no_state)';
  if (isLevelWithSource && !input.isLimitTyped) return null;
  return `stale, last price ${formatAge(fresh.stalenessHours)} ago`;
}
