/** What a run finds out about late assets and calendars, once everything else is done. */

import { formatDay } from '../../domain/calendar/day.js';
import { DEFAULT_GRACE, lastDayOver } from '../../domain/calendar/lateness.js';
import { upsertLearnt, writeCeased } from '../../storage/calendars/calendars.js';
import { holdLease } from '../../storage/lease/lease.js';
import type { RunScope } from '../report/run-scope.js';
import { listIdsOfLate, listLateAssets, noteLateAssets } from './late-assets.js';
import { type AssetLateness, type LatenessReading, readLateness } from './read-lateness.js';

/** Puts into the report who is late at the source, and stores what the run learnt. */
export async function noteLateness(
  scope: Pick<RunScope, 'request' | 'report' | 'database' | 'source' | 'lease' | 'marks'>,
  ids: readonly number[],
): Promise<void> {
  const { request, report, database, source } = scope;
  const grace = request.lateAfter ?? DEFAULT_GRACE;
  const reading = await database.read((tx) =>
    readLateness(tx, { ids, grace, source, asOfUs: source.asOfUs }),
  );
  report.late = listLateAssets(reading.assets);
  report.sourceLate = listIdsOfLate(report.late);
  noteLateAssets(report, report.late, {
    isAllowed: request.allowLate ?? false,
    today: formatDay(lastDayOver(reading.nowUs, { days: 0, hours: 0 }) + 1),
  });
  report.warnings.push(...reading.warnings);
  await settle(scope, reading);
}

/** Stores weekdays that were learnt; and, once the run is recorded, who has ceased and who has come back. */
async function settle(
  { database, lease, marks }: Pick<RunScope, 'database' | 'lease' | 'marks'>,
  { assets }: LatenessReading,
): Promise<void> {
  const learnt = assets
    .map(({ calendar }) => calendar)
    .filter(
      ({ isNewlyLearnt, weekdays, learntTo }) => isNewlyLearnt && weekdays !== null && learntTo !== null,
    );
  const pick = (isWanted: (asset: AssetLateness) => boolean) => assets.filter(isWanted).map(({ id }) => id);
  const ceased = pick(({ state, wasCeased }) => state === 'ceased' && !wasCeased);
  const returned = pick(({ state, wasCeased }) => state !== 'ceased' && wasCeased);
  if (ceased.length + returned.length > 0) marks.push((tx) => writeCeased(tx, { ceased, returned }));
  if (learnt.length === 0) return;
  await database.repeatable(async (tx) => {
    await holdLease(tx, lease);
    await upsertLearnt(tx, learnt);
  });
}
