import { countOf, formatCauses } from '../../domain/causes/format.js';
import { widthOf, wrapLine } from '../../domain/causes/wrap.js';
import { printable } from '../../domain/text/printable.js';
import { shortRun } from '../past-runs/find-run.js';
import type { ComponentResult } from '../processes/component-result.js';
import type { RefreshReport } from './refresh-report.js';
import { formatValidation } from './validate-run.js';

const RULE = '='.repeat(70);
const HEADING = ['', RULE, 'DAILY REFRESH SUMMARY', RULE];
/** A summary is read at a glance, whatever happens. */
const MOST_LINES = 25;
const COLUMNS = 120;

/**
 * The whole summary of a run, as text of at most 25 lines of 120 columns: the verdict, what is wrong and what to type, then
 * counts.
 */
export function formatSummary(report: RefreshReport): string {
  const verdict = cutTo(`Overall: ${report.verdict} (exit ${report.exitCode})`);
  const counts = [
    ...report.components.flatMap((result) => formatCounts(result.component, result, report)),
    ...(report.validation === null ? [] : [formatValidation(report.validation)]),
    ...(report.database === null ? [] : [`Database: ${report.database}, schema ${report.schema}`]),
    `Total time: ${formatSeconds(report.durationSec)}`,
  ].map(cutTo);
  const causes = formatCauses(report.causes, {
    lines: MOST_LINES - HEADING.length - 1 - counts.length,
    columns: COLUMNS,
    nowMs: Date.parse(report.startedAt) + report.durationSec * 1000,
    rest: report.run === null ? '--json has all' : `barwright runs ${shortRun(report.run)}`,
  });
  return [...HEADING, verdict, ...causes, ...counts].map(printable).join('\n');
}

/** Prints the combined summary of components that were run by hand (the contract's function). */
export function printCombinedSummary(results: readonly (readonly [name: string, ComponentResult])[]): void {
  const lines = [...HEADING];
  for (const [name, result] of results) {
    lines.push(...formatCounts(name, result));
    if (result.errorMessage !== undefined && !result.notRun)
      lines.push(`    [FAILED] ${result.errorMessage}`);
  }
  const totalSec = results.reduce((sum, [, result]) => sum + result.durationSec, 0);
  const isGood = results.every(([, result]) => result.success);
  lines.push(`Total time: ${formatSeconds(totalSec)}`, `Overall: ${isGood ? 'OK' : 'FAILED'}`);
  console.log(lines.join('\n'));
}

/** Why a component was not run is left out where it is what the whole run is about. */
function formatCounts(name: string, result: ComponentResult, report?: RefreshReport): string[] {
  const { notRun, errorMessage } = result;
  const isSaid = report !== undefined && (errorMessage === report.error || report.heldBy !== null);
  if (notRun) return [`[FAILED] ${name}: not run${isSaid ? '' : `: ${errorMessage}`}`];
  return [
    `${tagOf(result)} ${name}: ${countsOf(result)}`,
    `    rows needed ${result.rowsNeeded}, written ${result.rowsWritten}; rejects ${result.rejects ?? 0}, ` +
      `repairs ${result.repairs ?? 0}, gaps ${countOf(result.gaps ?? 0, 'day')}, backfills ${result.backfills ?? 0}; ` +
      formatSeconds(result.durationSec),
  ];
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

function cutTo(line: string): string {
  return widthOf(line) <= COLUMNS ? line : `${wrapLine(line, COLUMNS - 2)[0]} …`;
}

/** Seconds for people: "0.42 s", "73.1 s". */
function formatSeconds(seconds: number): string {
  return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
}
