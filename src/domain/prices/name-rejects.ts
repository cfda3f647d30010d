/** Refused and repaired rows in words. */
import { dayOfUs, formatDay } from '../calendar/day.js';
import type { PriceReject } from './price.js';

/** "2024-01-02: refused (null_open_close)", "2024-01-02: repaired_low". */
export function formatReject({
  timestampUs,
  action,
  reason,
}: Pick<PriceReject, 'timestampUs' | 'action' | 'reason'>): string {
  return `${formatDay(dayOfUs(timestampUs))}: ${action === 'rejected' ? `refused (${reason})` : reason}`;
}

const MOST_NAMED = 3;

/** The newest of them, a few. */
export function nameRejects(rejects: readonly PriceReject[]): string[] {
  return rejects
    .toSorted((a, b) => b.timestampUs - a.timestampUs)
    .slice(0, MOST_NAMED)
    .map(formatReject);
}
