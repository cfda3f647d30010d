/** Command lines that are refused before a run has begun: whoever is not here to read it is told all the same. */
import type { RefreshRequest } from '../../orchestration/report/refresh-report.js';

/** Commands that make a run. */
export const RUNS: readonly string[] = ['refresh', 'retry', 'bars', 'emas'];
const FLAG = '--alert-on-error';
const told = new WeakSet<object>();

/** Notes that a run has told of this error itself. */
export function noteTold(error: unknown): void {
  if (error instanceof Error) told.add(error);
}

/** Whether an error is to be told by tellRefusal: it came before a run that could, and alerts are asked for. */
export function isToBeTold(
  error: unknown,
  argv: readonly string[],
  { isOther, isConfigured }: { isOther: boolean; isConfigured: boolean },
): error is Error {
  if (isOther || argv.includes('--dry-run') || !(error instanceof Error) || told.has(error)) return false;
  return argv.includes(FLAG) || isConfigured;
}

/** Alerts; what went wrong with it goes to stderr. Never throws. */
export async function tellRefusal(error: Error, argv: readonly string[]): Promise<void> {
  try {
    const { reportOfError, startTelling } = await import('../../orchestration/reporting/report-run.js');
    const request = requestOf(argv);
    // Where a log would go may be what could not be read.
    const options = { alertOnError: true, logFile: null };
    const telling = await startTelling(request, options, { say() {}, event() {} });
    const report = reportOfError(request, error, 2);
    await telling.finish(report);
    for (const warning of report.warnings) process.stderr.write(`[WARNING] ${warning}\n`);
  } catch (cause) {
    process.stderr.write(
      `[WARNING] alerts were not sent: ${cause instanceof Error ? cause.message : cause}\n`,
    );
  }
}

/** As far as it can be told from a command line that is wrong somewhere. */
function requestOf([command = '', ...rest]: readonly string[]): RefreshRequest {
  const has = (word: string) => command === word || rest.includes(`--${word}`) || rest.includes('--all');
  return {
    bars: has('bars'),
    emas: has('emas'),
    ...(command === 'retry' && { resume: { kind: 'retry' as const, run: null } }),
  };
}
