/** Rows that a run refused or repaired, by asset, day and reason: a few, then a count. */

import { noteCause } from '../report/causes-of-report.js';
import type { RefreshReport } from '../report/refresh-report.js';

const MOST_NAMED = 5;

/** Notes them in the report, as one thing that is good to know. */
export function nameJudgedRows(report: Pick<RefreshReport, 'causes' | 'components'>): void {
  const judged = report.components
    .flatMap(({ outcomes = [] }) => outcomes)
    .filter(({ rejects, repairs }) => rejects + repairs > 0);
  const count = judged.reduce((sum, { rejects, repairs }) => sum + rejects + repairs, 0);
  if (count === 0) return;
  // Of one asset the cause names it already.
  const named = judged.flatMap(({ id, judged: rows = [] }) =>
    rows.map((row) => (judged.length === 1 ? row : `ID ${id} ${row}`)),
  );
  const shown = named.slice(0, MOST_NAMED);
  const more = count > shown.length ? [`and ${count - shown.length} more`] : [];
  noteCause(report, 'rows_judged', {
    component: 'bars',
    ids: judged.map(({ id }) => id),
    sentence: `refused or repaired: ${[...shown, ...more].join('; ')}`,
    key: 'bars: rows judged',
    command: `barwright explain ${judged[0]?.id}`,
  });
}
