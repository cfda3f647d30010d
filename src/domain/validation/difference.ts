/** One stored row that is not what a rebuild makes, with its place: what verify reports. */

export interface Finding {
  table: string;
  /** "multi_tf 7D"; of a watermark its alignment; null: the table has no series. */
  series: string | null;
  barSeq: number | null;
  /** 'YYYY-MM-DD'; null: the row has no day of its own. */
  day: string | null;
  kind: 'missing' | 'changed' | 'surplus';
  /** The first column that differs; null when the row is missing or surplus. */
  column: string | null;
  stored: string | null;
  expected: string | null;
  /** What there is to know besides; null: nothing. */
  remark: string | null;
}

/** "price_bars multi_tf 7D bar_seq 12 (2015-03-25) close: stored 12.5, expected 12.500000000000002". */
export function formatFinding(finding: Finding): string {
  const { table, series, barSeq, day, kind, column, stored, expected, remark } = finding;
  const place = [
    table,
    ...(series === null ? [] : [series]),
    ...(barSeq === null ? [] : [`bar_seq ${barSeq}`]),
    ...(day === null ? [] : [`(${day})`]),
    ...(column === null ? [] : [column]),
  ].join(' ');
  const what = kind === 'changed' ? `stored ${stored ?? 'NULL'}, expected ${expected ?? 'NULL'}` : kind;
  return `${place}: ${what}${remark === null ? '' : ` (${remark})`}`;
}
