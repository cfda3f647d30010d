/** What people were alerted about. */
import { listAlerts } from '../../storage/runs/alerts.js';
import type { Tx } from '../../storage/session/database.js';
import type { AlertsResponse } from '../api/api-types.js';

const MOST = 100;

/** What is open first, then the newest. */
export async function readAlerts(tx: Tx): Promise<AlertsResponse> {
  const alerts = (await listAlerts(tx)).toSorted(
    (a, b) => Number(b.isOpen) - Number(a.isOpen) || b.lastSeenMs - a.lastSeenMs,
  );
  return {
    version: 1,
    count: alerts.length,
    alerts: alerts.slice(0, MOST).map(({ kind, component, ids, words, isOpen, ...times }) => ({
      ...{ kind, component, ids, words, isOpen },
      firstSeen: isoOf(times.firstSeenMs),
      lastSeen: isoOf(times.lastSeenMs),
      lastSent: times.lastSentMs === null ? null : isoOf(times.lastSentMs),
    })),
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
