/** What a run says of prices that it does not take in: they wait for another run, or for their day to be over. */
import { listNewestDays, readSourceDays } from '../../storage/calendars/newest-days.js';
import { noteCause } from '../causes-of-report.js';
import type { RunScope } from '../stages.js';

type Scope = Pick<RunScope, 'report' | 'database' | 'source'>;

/**
 * Notes whose source has newer prices than their bars, in a run of EMAs alone: its EMAs are level with their bars, and that
 * is all that "up to date" means there.
 */
export async function noteBarsBehind(
  { report, database, source }: Scope,
  ids: readonly number[],
): Promise<void> {
  const waiting = await database.read(async (tx) => {
    const newest = await listNewestDays(tx, ids);
    const days = await readSourceDays(tx, source, ids);
    return newest.filter(({ id, readDay }) => readDay !== null && (days.get(id) ?? readDay) > readDay);
  });
  if (waiting.length === 0) return;
  noteCause(report, 'bars_behind', {
    ids: waiting.map(({ id }) => id),
    sentence: 'newer prices wait for their bars: the EMAs are level with the bars, not with the source',
    key: 'run: bars behind',
    command: 'barwright refresh --all',
  });
}

/** Notes whose newest day waits because it was loaded before it was over. */
export function noteProvisional({ report }: Pick<Scope, 'report'>, ids: readonly number[]): void {
  if (ids.length === 0) return;
  noteCause(report, 'day_waits', {
    ids,
    sentence: 'the newest day waits, it was loaded before it was over (--accept-provisional takes it)',
    key: 'run: days that wait',
    command: null,
  });
}
