/** The end of a report: what it comes to. */
import type { Cause } from '../../domain/causes/cause.js';
import { countOf } from '../../domain/causes/format.js';
import { ruleOf } from '../../domain/causes/kinds.js';
import type { OutcomeStatus } from '../../domain/planning/outcome.js';
import type { ComponentResult } from '../processes/component-result.js';
import { SIGNAL_EXIT_CODES } from '../processes/signals.js';
import { causesOfReport } from './causes-of-report.js';
import type { RefreshReport } from './refresh-report.js';
import { countStrictReasons } from './strict.js';

/**
 * Causes, exit code and verdict follow from the rest of the report. Highest wins: interrupted, 4 lease, 1 failed, 3 not
 * everything done.
 */
export function closeReport(report: RefreshReport, durationMs: number): void {
  report.durationSec = durationMs / 1000;
  report.causes = causesOfReport(report);
  const end = (exitCode: number, verdict: string) => Object.assign(report, { exitCode, verdict });
  const hasCode = (code: number) => report.causes.some(({ kind }) => ruleOf(kind).exitCode === code);
  const skipped = countAssets(report, 'skipped');
  if (report.interruptedBy !== null) {
    end(SIGNAL_EXIT_CODES[report.interruptedBy], `INTERRUPTED by ${report.interruptedBy}`);
  } else if (report.heldBy !== null) {
    end(4, 'REFUSED: another run holds the lease');
  } else if (report.isDryRun) {
    end(0, 'DRY RUN: nothing was written');
  } else if (hasCode(1) || report.components.some((component) => !component.success)) {
    const failed = countAssets(report, 'failed');
    end(1, failed > 0 ? `FAILED: ${failed} failed, the rest is done` : 'FAILED');
  } else if (hasCode(3) || skipped > 0) {
    const rest = report.causes.some(({ kind }) => kind === 'no_assets') ? '' : ', the rest is done';
    end(3, `INCOMPLETE: ${countCauses(report.causes, skipped)}${rest}`);
  } else {
    const reasons = report.isStrict ? countStrictReasons(report.causes) : 0;
    if (reasons > 0) end(3, `WARNINGS (--strict): ${countOf(reasons, 'warning')}`);
    else end(0, 'OK: everything asked for is done');
  }
}

/** How many assets came to this in any component; one that failed does not count as skipped as well. */
function countAssets({ components }: RefreshReport, status: OutcomeStatus): number {
  const idsOf = (wanted: OutcomeStatus, { outcomes = [] }: ComponentResult) =>
    outcomes.filter((outcome) => outcome.status === wanted).map(({ id }) => id);
  const ids = new Set(components.flatMap((result) => idsOf(status, result)));
  if (status === 'skipped')
    for (const id of components.flatMap((result) => idsOf('failed', result))) ids.delete(id);
  // Results without outcomes: of a component that was run by hand.
  const uncounted = components.filter((result) => idsOf(status, result).length === 0);
  return ids.size + uncounted.reduce((sum, result) => sum + result[status], 0);
}

/** "3 skipped, 2 late": of what turns a run into 3. */
function countCauses(causes: readonly Cause[], skipped: number): string {
  const counts = new Map<(n: number) => string, Set<number>>();
  for (const { kind, ids } of causes) {
    const { exitCode, count } = ruleOf(kind);
    if (exitCode !== 3 || count === null) continue;
    counts.set(count, new Set([...(counts.get(count) ?? []), ...ids]));
  }
  const others = [...counts].map(([format, ids]) => format(ids.size));
  return [...(skipped > 0 ? [`${skipped} skipped`] : []), ...others].join(', ') || 'not all was done';
}
