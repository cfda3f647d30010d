import type { Grace } from '../domain/calendar/lateness.js';
import type { Cause } from '../domain/causes/cause.js';
import { countOf } from '../domain/causes/format.js';
import { ruleOf } from '../domain/causes/kinds.js';
import type { Action, OutcomeStatus } from '../domain/outcome.js';
import type { BarBuilder } from '../domain/plan.js';
import type { EmaFamily } from '../domain/plan-emas.js';
import type { LeaseInfo } from '../storage/lease.js';
import { causesOfReport } from './causes-of-report.js';
import type { ComponentResult } from './component-result.js';
import type { LateAsset } from './lateness/late-assets.js';
import type { QuarantinedAsset } from './quarantine.js';
import type { SeriesSelection } from './select-series.js';
import { countStrictReasons } from './strict.js';
import type { ValidationResult } from './validate-run.js';

/** What one refresh is asked to do. */
export interface RefreshRequest extends SeriesSelection {
  bars: boolean;
  emas: boolean;
  /** null = all active assets. */
  ids?: readonly number[] | null;
  dbUrl?: string;
  /** Use barwright's own PostgreSQL. */
  embedded?: boolean;
  dataDir?: string;
  schema?: string;
  /** The source relation, "schema.table"; null = cmc_price_histories7 in the schema. */
  source?: string | null;
  dryRun?: boolean;
  verbose?: boolean;
  continueOnError?: boolean;
  skipStaleCheck?: boolean;
  /** Older bars are named, and without bars in the same run their EMAs are skipped. null = not typed: 48, and the calendar counts. */
  stalenessHours?: number | null;
  /** How long an expected day may be missing; left out: one expected day. */
  lateAfter?: Grace;
  /** Late sources are named and change neither verdict nor exit code. */
  allowLate?: boolean;
  fullRebuild?: boolean;
  /** Believe a source that has lost suspiciously many days. */
  acceptDeletions?: boolean;
  acceptProvisional?: boolean;
  /** null = all of them. */
  onlyBuilders?: readonly BarBuilder[] | null;
  onlyFamilies?: readonly EmaFamily[] | null;
  numProcesses?: number;
  /** Seconds that a component may take; null = no limit. */
  timeoutSec?: number | null;
  /** Let workers on any machine do the work; this process hands it out and waits. */
  distribute?: boolean;
  /** How long work may lie without any worker; null = 300. */
  workerWaitSec?: number | null;
  /** Go on with an earlier run, as of its time; its options then decide what is done. */
  resume?: ResumeRequest | null;
  /** Warnings, repairs, rejects and gaps turn exit code 0 into 3. */
  strict?: boolean;
  /** Judge what is stored after the work, and keep what is found in ema_rejects. */
  validate?: boolean;
  /** The id that the run gets; left out: one is made. */
  runId?: string;
  /** Aborted with the signal's name as its reason to interrupt the run. */
  interrupt?: AbortSignal;
}

/** `resume`: the newest unfinished run with this target. `retry`: what a run (null: the last that has any) left undone. */
export type ResumeRequest = { kind: 'resume' } | { kind: 'retry'; run: string | null };

export const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type InterruptSignal = keyof typeof SIGNAL_EXIT_CODES;

/** One line of a dry run: what would happen to one asset in one component. */
export interface PlannedAsset {
  component: string;
  id: number;
  action: Action;
  reason: string;
  /** It would count as failed: unknown, retired, or its source has lost too much to be believed. */
  fails?: true;
}

/** What happened: the one value behind the terminal, --json, the run tables and the library. */
export interface RefreshReport {
  version: 1;
  run: string | null;
  startedAt: string;
  /** Database clock when the run began. */
  asOf: string | null;
  /** Password hidden. */
  database: string | null;
  schema: string;
  isDryRun: boolean;
  isStrict: boolean;
  components: ComponentResult[];
  /** Present in a dry run that reached the database. */
  plan: PlannedAsset[] | null;
  warnings: string[];
  /** Ids of the late among `late`. */
  sourceLate: number[];
  /** Assets that are late at their source, and those that this run saw to have ceased; the oldest first. */
  late: LateAsset[];
  /** Assets that were skipped for having failed in so many runs, or will be from now on (isNew). */
  quarantined: QuarantinedAsset[];
  heldBy: LeaseInfo | null;
  /** null: not asked for, or not reached. */
  validation: ValidationResult | null;
  /** Why the run as a whole could not go on. */
  error: string | null;
  interruptedBy: InterruptSignal | null;
  /** What is wrong, grouped, what is worst first: the one value behind summary, alerts, run record and dashboard. */
  causes: Cause[];
  durationSec: number;
  exitCode: number;
  verdict: string;
}

/** An empty report for a request: nothing has happened yet. */
export function newReport(request: RefreshRequest): RefreshReport {
  return {
    version: 1,
    run: null,
    startedAt: new Date().toISOString(),
    asOf: null,
    database: null,
    schema: request.schema ?? 'public',
    isDryRun: request.dryRun ?? false,
    isStrict: request.strict ?? false,
    components: [],
    plan: null,
    warnings: [],
    sourceLate: [],
    late: [],
    quarantined: [],
    heldBy: null,
    validation: null,
    error: null,
    interruptedBy: null,
    causes: [],
    durationSec: 0,
    exitCode: 0,
    verdict: '',
  };
}

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
