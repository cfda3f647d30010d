/** Days that a run has kept though the source does not prove them any more: named once for each asset and reason, and when many come at once. */
import { formatDay } from '../../domain/calendar/day.js';
import { SUSPICIOUS_DAYS } from '../../domain/planning/plan.js';
import { formatLost, WHY_KEPT } from '../../domain/prices/kept.js';
import { KEPT_REASONS } from '../../domain/prices/price.js';
import {
  type KeptSpan,
  listUnnamedKept,
  readHasUnnamedKept,
  writeKeptNamed,
} from '../../storage/prices/kept-days.js';
import type { Database } from '../../storage/session/database.js';
import { describeError } from '../program/describe-error.js';
import { noteCause } from '../report/causes-of-report.js';
import type { Mark } from '../report/marks.js';
import type { RefreshReport } from '../report/refresh-report.js';

export interface KeptScope {
  database: Database;
  report: Pick<RefreshReport, 'causes' | 'warnings'>;
  marks: Mark[];
}

const MOST_NAMED = 5;

/** "ID 52: 3 days (2020-01-01 to 2020-01-03) that the source has lost at its beginning are kept". */
export function formatKept(span: KeptSpan): string {
  return `ID ${span.id}: ${formatLost(span)} ${WHY_KEPT[span.reason]} are kept`;
}

/** Notes what no run has named, in the report. Never throws; what was not named is named by the next run. */
export async function nameKeptDays({ database, report, marks }: KeptScope): Promise<void> {
  try {
    if (!(await database.read(readHasUnnamedKept))) return;
    const spans = await database.read((tx) => listUnnamedKept(tx, SUSPICIOUS_DAYS));
    marks.push(writeKeptNamed);
    for (const reason of KEPT_REASONS) {
      const named = spans.filter((span) => span.reason === reason);
      if (named.length > 0) nameSpans(report, named);
    }
  } catch (error) {
    report.warnings.push(`days that are kept were not named: ${describeError(error)}`);
  }
}

function nameSpans(report: KeptScope['report'], spans: readonly KeptSpan[]): void {
  const shown = spans.slice(0, MOST_NAMED).map(formatKept);
  const rest = spans.length > shown.length ? [`and ${spans.length - shown.length} more assets`] : [];
  const [first] = spans;
  noteCause(report, 'days_kept', {
    component: 'bars',
    ids: spans.map(({ id }) => id),
    sentence:
      `${[...shown, ...rest].join('; ')}: "barwright doctor" lists them, "barwright refresh --all --ids ${first?.id} ` +
      '--accept-deletions" drops those of an asset',
    key: `bars: days kept: ${first?.reason}`,
    // Each asset is news of its own, and so is one that loses more: an alert that has been sent is not sent again.
    alertParts: spans.map(({ id, reason, toDay }) => ({
      key: `bars: days kept: ${reason}: ID ${id} up to ${formatDay(toDay)}`,
      ids: [id],
    })),
    command: 'barwright doctor',
  });
}
