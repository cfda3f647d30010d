/** Options that several commands have, as one list each. */
import { DATABASE_OPTIONS, type OptionName } from './options.js';

/** How a run is done and reported: every command that starts one takes these. */
export const RUN_OPTIONS = [
  'dryRun',
  'verbose',
  'continueOnError',
  'numProcesses',
  'timeout',
  'quiet',
  'strict',
  'lateAfter',
  'allowLate',
  'alertOnError',
  'alertExec',
  'logFile',
  'noLogFile',
  'metricsFile',
  'json',
] as const satisfies readonly OptionName[];

/** What a run does: every command that plans one takes these. */
export const PLAN_OPTIONS = [
  'ids',
  ...DATABASE_OPTIONS,
  'source',
  'fullRebuild',
  'tfs',
  'acceptDeletions',
  'acceptProvisional',
] as const satisfies readonly OptionName[];

/** What a run of several components does: those that choose components, and series of EMAs. */
export const REFRESH_OPTIONS = [
  'bars',
  'emas',
  'indicators',
  'all',
  ...PLAN_OPTIONS,
  'periods',
  'tfPeriodCombos',
  'skipStaleCheck',
  'stalenessHours',
] as const satisfies readonly OptionName[];
