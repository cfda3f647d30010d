/** The causes in a report: noted during a run, and gathered from its outcomes when it ends. */
import { type Cause, type CauseFacts, newCause } from '../../domain/causes/cause.js';
import { gatherCauses, type RunFacts } from '../../domain/causes/gather.js';
import { type CauseKind, ruleOf } from '../../domain/causes/kinds.js';
import type { LeaseInfo } from '../../storage/lease/lease.js';
import { createHide, hideIn } from '../program/secrets.js';
import type { RefreshReport } from './refresh-report.js';
import { listStrictCounts } from './strict.js';

/** Notes something that is wrong, beside what the outcomes of assets say. Its kind has `isNoted` in CAUSE_KINDS. */
export function noteCause(report: Pick<RefreshReport, 'causes'>, kind: CauseKind, facts: CauseFacts): void {
  report.causes.push(newCause(kind, facts));
}

/**
 * Everything that is wrong, what is worst first. Symbols and ages that were looked up for an earlier answer are kept, so
 * this can be asked again when something was added to the report.
 */
export function causesOfReport(report: RefreshReport): Cause[] {
  const known = new Map(report.causes.map((cause) => [cause.key, cause]));
  const facts = {
    components: report.components.map(({ outcomes = [], ...result }) => ({
      ...result,
      outcomes: outcomes.filter(({ status }) => status !== 'ok'),
    })),
    error: report.error,
    holder: report.heldBy === null ? null : formatHolder(report.heldBy),
    quarantined: report.quarantined,
    warnings: report.warnings,
    strictCounts: report.isStrict ? listStrictCounts(report) : [],
    noted: report.causes.filter(({ kind }) => ruleOf(kind).isNoted),
  };
  // Hidden before a key is made of it: a secret without its digits would be recognised no more.
  const causes = gatherCauses(hideIn(facts, createHide()) as RunFacts);
  return causes.map((cause) => ({
    ...cause,
    since: cause.since ?? known.get(cause.key)?.since ?? null,
    symbols: { ...known.get(cause.key)?.symbols, ...cause.symbols },
  }));
}

/** Who holds the lease, for people. */
export function formatHolder({ command, host, pid, startedAt, run }: LeaseInfo): string {
  return `another run holds the lease: ${command} on ${host}, process ${pid}, since ${startedAt} (run ${run})`;
}
