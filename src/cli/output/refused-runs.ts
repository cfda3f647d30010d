/** Command lines that are refused before a run has begun: they are logged and alerted as a failed run is. */
import type { RefreshRequest } from '../../orchestration/report/refresh-report.js';

/** Commands that make a run. */
export const RUNS: readonly string[] = ['refresh', 'retry', 'bars', 'emas', 'indicators'];
const FLAG = '--alert-on-error';
const reported = new WeakSet<object>();

/** Notes that a run has reported this error itself. */
export function noteReported(error: unknown): void {
  if (error instanceof Error) reported.add(error);
}

/** Whether reportRefusal is to report an error: no run has reported it, and alerts are asked for. */
export function isToBeTold(
  error: unknown,
  argv: readonly string[],
  { isOther, isConfigured }: { isOther: boolean; isConfigured: boolean },
): error is Error {
  if (isOther || argv.includes('--dry-run') || !(error instanceof Error) || reported.has(error)) return false;
  return argv.includes(FLAG) || isConfigured;
}

/** Alerts; what went wrong with it goes to stderr. Never throws. */
export async function reportRefusal(error: Error, argv: readonly string[]): Promise<void> {
  try {
    const { reportOfError, startReporting } = await import('../../orchestration/reporting/report-run.js');
    const request = requestOf(argv);
    // Where a log would go may be what could not be read.
    const options = { alertOnError: true, logFile: null };
    const reporting = await startReporting(request, options, { say() {}, event() {} });
    const report = reportOfError(request, error, 2);
    await reporting.finish(report);
    for (const warning of report.warnings) process.stderr.write(`[WARNING] ${warning}\n`);
  } catch (cause) {
    process.stderr.write(
      `[WARNING] alerts were not sent: ${cause instanceof Error ? cause.message : cause}\n`,
    );
  }
}

/** As far as a command line with a mistake in it says. */
function requestOf([command = '', ...rest]: readonly string[]): RefreshRequest {
  const has = (word: string) => command === word || rest.includes(`--${word}`) || rest.includes('--all');
  return {
    bars: has('bars'),
    emas: has('emas'),
    ...((command === 'indicators' || rest.includes('--indicators')) && { indicators: true }),
    ...(command === 'retry' && { resume: { kind: 'retry' as const, run: null } }),
  };
}
