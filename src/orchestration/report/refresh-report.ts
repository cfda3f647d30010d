import type { Grace } from '../../domain/calendar/lateness.js';
import type { Cause } from '../../domain/causes/cause.js';
import type { Action } from '../../domain/planning/outcome.js';
import type { BarBuilder } from '../../domain/planning/plan.js';
import type { EmaFamily } from '../../domain/planning/plan-emas.js';
import type { IndicatorFamily } from '../../domain/planning/plan-indicators.js';
import type { LeaseInfo } from '../../storage/lease/lease.js';
import type { ComponentResult } from '../processes/component-result.js';
import type { InterruptSignal } from '../processes/signals.js';
import type { QuarantinedAsset } from '../selection/quarantine.js';
import type { SeriesSelection } from '../selection/select-series.js';
import type { LateAsset } from './late-asset.js';
import type { ValidationResult } from './validate-run.js';

/** What one refresh is asked to do. */
export interface RefreshRequest extends SeriesSelection {
  bars: boolean;
  emas: boolean;
  /** Left out: with bars and EMAs, where an indicator is active or values of removed ones are left. */
  indicators?: boolean;
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
  /** Drop days that a source has lost, however many they are. */
  acceptDeletions?: boolean;
  acceptProvisional?: boolean;
  /** null = all of them. */
  onlyBuilders?: readonly BarBuilder[] | null;
  onlyFamilies?: readonly EmaFamily[] | null;
  onlyIndicators?: readonly IndicatorFamily[] | null;
  /**
   * Files with indicators of your own, as `indicators` in barwright.config.json names them; paths are relative to the
   * working directory. Left out: those that the program was started with; the library has none.
   */
  indicatorFiles?: readonly string[];
  numProcesses?: number;
  /** Seconds that a component may take; null = no limit. */
  timeoutSec?: number | null;
  /** Let workers on any machine do the work; this process hands it out and waits. */
  distribute?: boolean;
  /** How long work may lie without any worker; null = 300. */
  workerWaitSec?: number | null;
  /** Continue an earlier run, as of its time; its options then decide what is done. */
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

/** One line of a dry run: what would happen to one asset in one component. */
export interface PlannedAsset {
  component: string;
  id: number;
  action: Action;
  reason: string;
  /** It would count as failed: unknown, retired, or its source has lost too much. */
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
  /** Why the run as a whole could not continue. */
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
