/** The health of an asset as one word: the worst of its tables, of its last outcome and of findings about its days. */
import type { TableStatus } from './table-freshness.js';

export const HEALTHS = ['good', 'watch', 'bad', 'retired'] as const;
export type Health = (typeof HEALTHS)[number];

/** What a status, which a failure of the last run overrides (decision 103), says about the asset. */
const HEALTH_OF: Readonly<Record<TableStatus, Health>> = {
  fresh: 'good',
  source_late: 'watch',
  behind: 'watch',
  stale: 'bad',
  never_built: 'bad',
  failed: 'bad',
  quarantined: 'bad',
  retired: 'retired',
};

/** Of the statuses of all tables, and how many implausible days nobody has accepted. */
export function healthOf(statuses: readonly TableStatus[], findings: number): Health {
  const found = new Set(statuses.map((status) => HEALTH_OF[status]));
  if (found.has('retired')) return 'retired';
  if (found.has('bad')) return 'bad';
  return found.has('watch') || findings > 0 ? 'watch' : 'good';
}
