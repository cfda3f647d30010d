import type { PastRun } from '../../storage/runs/history.js';

/** A run for programs: times are ISO text, and the options are as recorded. */
export function runForJson({ startedUs, finishedUs, asOfUs, ...rest }: PastRun) {
  return {
    ...rest,
    startedAt: isoTime(startedUs),
    finishedAt: finishedUs === null ? null : isoTime(finishedUs),
    asOf: isoTime(asOfUs),
    durationSec: finishedUs === null ? null : (finishedUs - startedUs) / 1e6,
  };
}

function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}
