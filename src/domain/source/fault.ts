/** A source that is wrong as a whole: nearly all of its rows fail in the same way. Pure. */
import { dayOfUs } from '../calendar/day.js';
import { type DailyPrice, judgePrices, type RejectReason, type RowsOf } from '../prices/price.js';
import { commonestShape, describeShape, type SpanShape, shapeOfStamps, spanOfRow } from '../prices/span.js';

/** Fewer rows than this say nothing about a source. */
const LEAST_ROWS = 10;
const FAILING_SHARE = 0.9;
/** What is wrong with how a table is read, and not with a row of it. */
const OF_SOURCES: readonly RejectReason[] = [
  'not_one_utc_day',
  'null_time_open_time_close',
  'time_open_gt_time_close',
  'duplicate_day',
];

export interface SourceFault {
  reason: RejectReason;
  rows: number;
  failing: number;
  /** What the rows are instead of days; null: unknown. */
  shape: SpanShape | null;
}

/** What is wrong with a source by some rows of its assets, each asset's by timestamp; null: nothing that is the same in nearly all. */
export function findFault(assets: readonly (readonly DailyPrice[])[], rowsOf: RowsOf): SourceFault | null {
  const rejects = assets.flatMap((prices) => judgePrices(prices, 1, { rowsOf }).rejects);
  const rows = assets.reduce((sum, prices) => sum + prices.length, 0);
  for (const reason of OF_SOURCES) {
    const failing = rejects.filter((reject) => reject.reason === reason).map(({ price }) => price);
    // The last row of each day is never the double.
    const days = new Set(failing.map(({ timestampUs }) => dayOfUs(timestampUs))).size;
    const count =
      reason === 'duplicate_day' && failing.length > days ? failing.length + days : failing.length;
    if (rows < LEAST_ROWS || count < FAILING_SHARE * rows) continue;
    return { reason, rows, failing: failing.length, shape: shapeOf(failing, assets) };
  }
  return null;
}

function shapeOf(
  failing: readonly DailyPrice[],
  assets: readonly (readonly DailyPrice[])[],
): SpanShape | null {
  const shapes = failing.map(spanOfRow).flatMap((span) => (span.isDay ? [] : [span.shape]));
  return commonestShape(shapes) ?? shapeOfStamps(assets[0]?.map(({ timestampUs }) => timestampUs) ?? []);
}

/** How the reason of an asset begins whose source is not read, for it or at all. */
export function notRead(label: string): string {
  return `the source ${label} is not read, and its bars are left as they are`;
}

/** Whether a reason says that the source of the asset is not read. */
export function isNotRead(reason: string): boolean {
  return /^the source .{1,200}? is not read, /.test(reason);
}

/** "41 of 41 rows looked at are not days of UTC: each looks like an hourly row". */
export function describeFault({ reason, rows, failing, shape }: SourceFault): string {
  const looks = shape === null ? '' : `: each looks like ${describeShape(shape)}`;
  const words: Partial<Record<RejectReason, string>> = {
    not_one_utc_day: 'are not days of UTC',
    null_time_open_time_close: 'have no opening and closing times',
    time_open_gt_time_close: 'open after they close',
    duplicate_day: 'share their day with another one',
  };
  return `${failing} of ${rows} rows looked at ${words[reason] ?? `fail by ${reason}`}${looks}`;
}
