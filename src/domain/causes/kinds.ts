/**
 * Kinds of causes: what can be wrong in a run. One line a kind; the order is the order in which people read them within
 * one severity.
 */

/** `failed` and `warning` need a person; `said` is good to know. */
export const SEVERITIES = ['failed', 'warning', 'said'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * How alerts treat a cause:
 * - repeated: again after twelve hours for as long as it lasts, and when it has ended
 * - strict: the same, but only for runs with --strict
 * - once: once for as long as it lasts, and when it has ended
 * - event: once; it has no end
 */
export type AlertRule = 'repeated' | 'strict' | 'once' | 'event';

export interface KindRule {
  severity: Severity;
  /** The exit code that a run with this cause has at least. */
  exitCode: 0 | 1 | 3 | 4;
  /** null: no alert. */
  alert: AlertRule | null;
  /** Each asset is an alert of its own: one that joins the others later is news too. */
  isAlertPerAsset?: true;
  /** Noted during the run (noteCause); all other kinds follow from the outcomes of a report. */
  isNoted?: true;
  /** So many of them, in the verdict of a run that ends with 3: "2 late". null: outcomes count them, or nothing does. */
  count: ((assets: number) => string) | null;
}

export const CAUSE_KINDS = {
  /** The run as a whole could not continue. */
  run_failed: { severity: 'failed', exitCode: 1, alert: 'repeated', count: null },
  /** Another run holds the lease. Alerts have a rule of their own for how long it does. */
  lease_held: { severity: 'failed', exitCode: 4, alert: null, count: null },
  /** A component as a whole ended early. */
  component_failed: { severity: 'failed', exitCode: 1, alert: 'repeated', count: null },
  /** A source that is wrong as a whole, or in another currency than its assets: it is not read, and their bars stay. */
  source_fault: { severity: 'failed', exitCode: 1, alert: 'repeated', count: null },
  /** Assets that were tried and failed, or could not be tried. */
  asset_failed: { severity: 'failed', exitCode: 1, alert: 'repeated', count: null },
  /** Assets that were not reached, because the run or a component ended first. */
  asset_unfinished: { severity: 'failed', exitCode: 1, alert: 'repeated', count: null },
  asset_quarantined: { severity: 'warning', exitCode: 3, alert: 'once', isAlertPerAsset: true, count: null },
  /** Skipped assets are counted by their outcomes: there may be more of them than causes name. */
  asset_skipped: { severity: 'warning', exitCode: 3, alert: 'strict', count: null },
  /** All assets were asked for, and none is active. */
  no_assets: {
    ...{ severity: 'warning', exitCode: 3, alert: 'once', isNoted: true },
    count: () => 'no active asset',
  },
  /** Expected days are missing at the source for longer than the grace. */
  source_late: {
    ...{ severity: 'warning', exitCode: 3, alert: 'once', isNoted: true },
    count: (assets: number) => `${assets} late`,
  },
  /** Late for so long that no price is expected any more, while others of the source arrive: named by one run only. */
  source_ceased: {
    ...{ severity: 'warning', exitCode: 3, alert: 'event', isNoted: true },
    count: (assets: number) => `${assets} ceased`,
  },
  /** A day that was taken in and is not plausible. It is noted by the run that names it, and by no later one. */
  finding: { severity: 'warning', exitCode: 0, alert: 'event', isNoted: true, count: null },
  /** The same of days long past, at a first load and after an upgrade. */
  old_findings: { severity: 'warning', exitCode: 0, alert: null, isNoted: true, count: null },
  /** Bars stay that the source does not prove any more. It is noted by the run that names it, and by no later one. */
  days_kept: { severity: 'warning', exitCode: 0, alert: 'event', isNoted: true, count: null },
  /** Assets without a bar, for every row of theirs was refused. Those that are expected to have new days are late as well. */
  all_refused: { severity: 'warning', exitCode: 0, alert: 'strict', isNoted: true, count: null },
  /** An earlier run that ended silently. Alerts look for such runs themselves: any run may find one first. */
  run_died: { severity: 'warning', exitCode: 0, alert: null, isNoted: true, count: null },
  /** Late, and expected (--allow-late). */
  late_allowed: { severity: 'said', exitCode: 0, alert: null, isNoted: true, count: null },
  /** A run of EMAs alone found newer prices at the source. */
  bars_behind: { severity: 'said', exitCode: 0, alert: null, isNoted: true, count: null },
  /** Newest days that do not count yet. */
  day_waits: { severity: 'said', exitCode: 0, alert: null, isNoted: true, count: null },
  /** A token that is taken for the currency that it stands for: said by the run that learns it. */
  quote_said: { severity: 'said', exitCode: 0, alert: null, isNoted: true, count: null },
  /** Any other warning: one sentence. */
  warning: { severity: 'warning', exitCode: 0, alert: 'strict', count: null },
  /** Source rows that this run refused or repaired; --strict counts them. */
  rows_judged: { severity: 'said', exitCode: 0, alert: null, isNoted: true, count: null },
} as const satisfies Record<string, KindRule>;

export type CauseKind = keyof typeof CAUSE_KINDS;

const KINDS = Object.keys(CAUSE_KINDS) as CauseKind[];

/** The rule of a kind. */
export function ruleOf(kind: CauseKind): KindRule {
  return CAUSE_KINDS[kind];
}

/** Where a kind stands among all others: the severe ones first, then in the order of the table. */
export function rankOf(kind: CauseKind): number {
  return SEVERITIES.indexOf(CAUSE_KINDS[kind].severity) * KINDS.length + KINDS.indexOf(kind);
}
