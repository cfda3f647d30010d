import { ruleOf } from '../domain/causes/kinds.js';
import type { AssetOutcome } from '../domain/outcome.js';
import { QUARANTINE_RUNS } from '../domain/quarantine.js';
import { formatHolder } from './causes-of-report.js';
import type { ComponentResult } from './component-result.js';
import type { RefreshReport } from './refresh-report.js';
import { formatValidation } from './validate-run.js';

const RULE = '='.repeat(70);
const MAX_NAMED = 20;

/** The banner and one block per component: what is printed at the end of every run. */
function formatComponents(
  results: readonly (readonly [name: string, ComponentResult])[],
  runError: string | null = null,
): string[] {
  const lines = ['', RULE, 'DAILY REFRESH SUMMARY', RULE];
  for (const [name, result] of results) lines.push(...formatComponent(name, result, runError));
  return lines;
}

/** The whole summary of a run, as text. */
export function formatSummary(report: RefreshReport): string {
  const results = report.components.map((result) => [result.component, result] as const);
  const lines = formatComponents(results, report.error);
  if (report.heldBy !== null) lines.push(`[FAILED] ${formatHolder(report.heldBy)}`);
  if (report.error !== null) lines.push(`[FAILED] ${report.error}`);
  if (report.validation !== null) lines.push(formatValidation(report.validation));
  lines.push(...formatQuarantine(report.quarantined));
  lines.push(
    ...report.causes
      .filter(({ kind }) => ruleOf(kind).isNoted)
      .map(({ sentence }) => `[WARNING] ${sentence}`),
  );
  lines.push(...cut(report.warnings, 'warnings').map((warning) => `[WARNING] ${warning}`));
  lines.push(`Total time: ${formatSeconds(report.durationSec)}`);
  lines.push(`Overall: ${report.verdict} (exit ${report.exitCode})`);
  return lines.join('\n');
}

/** Those who are skipped already are named, with the reason, by their components. */
function formatQuarantine(quarantined: RefreshReport['quarantined']): string[] {
  const lines = quarantined
    .filter(({ isNew }) => isNew)
    .map(
      ({ id, component, reason }) =>
        `[WARNING] ID ${id} ${component} is quarantined: it failed in ${QUARANTINE_RUNS} runs in a row (${reason}) and ` +
        `is skipped until its source changes, it is named in --ids, or "barwright asset release ${id}"`,
    );
  return cut(lines, 'quarantined assets');
}

/** Prints the combined summary of components that were run by hand (the contract's function). */
export function printCombinedSummary(results: readonly (readonly [name: string, ComponentResult])[]): void {
  const lines = formatComponents(results);
  const totalSec = results.reduce((sum, [, result]) => sum + result.durationSec, 0);
  const isGood = results.every(([, result]) => result.success);
  lines.push(`Total time: ${formatSeconds(totalSec)}`, `Overall: ${isGood ? 'OK' : 'FAILED'}`);
  console.log(lines.join('\n'));
}

function formatComponent(name: string, result: ComponentResult, runError: string | null): string[] {
  // The run's own error has a line of its own, once.
  if (result.notRun && result.errorMessage === runError) return [`[FAILED] ${name}: not run`];
  if (result.notRun) return [`[FAILED] ${name}: not run: ${result.errorMessage}`];
  const lines = [`${tagOf(result)} ${name}: ${countsOf(result)}`];
  lines.push(
    `    rows needed ${result.rowsNeeded}, written ${result.rowsWritten}; rejects ${result.rejects ?? 0}, ` +
      `repairs ${result.repairs ?? 0}, gaps ${result.gaps ?? 0} days, backfills ${result.backfills ?? 0}; ` +
      formatSeconds(result.durationSec),
  );
  if (result.errorMessage !== undefined) lines.push(`    [FAILED] ${result.errorMessage}`);
  lines.push(...formatOutcomes(result, 'failed'), ...formatOutcomes(result, 'skipped'));
  return lines;
}

function countsOf(result: ComponentResult): string {
  const idle =
    result.outcomes?.filter((outcome) => outcome.status === 'ok' && outcome.action === 'none').length ?? 0;
  const upToDate = idle > 0 ? ` (${idle} up to date)` : '';
  return `${result.ok} ok${upToDate}, ${result.failed} failed, ${result.skipped} skipped`;
}

function tagOf(result: ComponentResult): string {
  if (!result.success) return '[FAILED]';
  return result.skipped > 0 ? '[SKIPPED]' : '[OK]';
}

function formatOutcomes(result: ComponentResult, status: AssetOutcome['status']): string[] {
  const outcomes = (result.outcomes ?? []).filter((outcome) => outcome.status === status);
  const tag = status === 'failed' ? '[FAILED]' : '[SKIPPED]';
  const lines = outcomes.map((outcome) => formatOutcome(result.component, tag, outcome));
  return cut(lines, `${status} assets`).map((line) => `    ${line}`);
}

function formatOutcome(component: string, tag: string, outcome: AssetOutcome): string {
  if (tag === '[SKIPPED]' && component === 'emas')
    return `${tag} Skipping ID ${outcome.id} EMAs (${outcome.reason})`;
  return `${tag} ID ${outcome.id} ${component}: ${outcome.reason}`;
}

function cut(lines: readonly string[], what: string): string[] {
  if (lines.length <= MAX_NAMED) return [...lines];
  return [
    ...lines.slice(0, MAX_NAMED),
    `… and ${lines.length - MAX_NAMED} more ${what} (all of them in --json and in refresh_asset)`,
  ];
}

/** Seconds for people: "0.42 s", "73.1 s". */
function formatSeconds(seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
}
