/** What a run says of prices that it does not take in: they wait for another run, or for their day to be over. */
import { DEFAULT_GRACE } from '../../domain/calendar/lateness.js';
import { readSourceDays } from '../../storage/calendars/newest-days.js';
import type { Database } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';
import { noteCause } from '../report/causes-of-report.js';
import type { RefreshReport } from '../report/refresh-report.js';
import { readLateness } from './read-lateness.js';

interface Scope {
  report: RefreshReport;
  database: Database;
  source: Source;
}

/**
 * Notes assets that lack an expected day which their source has, in a run of EMAs alone: its EMAs are level with their bars,
 * and that is all that "up to date" means there. The source is asked of those only that lack a day.
 */
export async function noteBarsBehind(
  { report, database, source }: Scope,
  ids: readonly number[],
): Promise<void> {
  const { asOfUs, expectations } = source;
  const waiting = await database.read(async (tx) => {
    const { assets } = await readLateness(tx, {
      ...{ ids, grace: DEFAULT_GRACE, source: null, expectations, asOfUs },
    });
    const lacking = assets.filter(({ missingDays }) => missingDays > 0);
    const days = await readSourceDays(
      tx,
      source,
      lacking.map(({ id }) => id),
    );
    return lacking.filter(({ id, newestDay, refusedDay }) => {
      const readDay = refusedDay ?? newestDay;
      return readDay !== null && (days.get(id) ?? readDay) > readDay;
    });
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
