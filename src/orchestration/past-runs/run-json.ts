import type { PastRun } from '../../storage/runs/history.js';

/** A run as programs are told of it: times as ISO text instead of microseconds; what was asked for as it was recorded. */
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
