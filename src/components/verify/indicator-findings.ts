/** Differences of indicators, put into words with their place. */
import { type Day, formatDay } from '../../domain/calendar/day.js';
import type { Finding } from '../../domain/validation/difference.js';
import { decodeRow } from '../../storage/copy/decode.js';
import { differingCells, encodeRow, type RowDifference } from '../../storage/copy/differences.js';
import { INDICATOR_POINT_SHAPE, type IndicatorPointRow } from '../../storage/indicators/points.js';
import type { ComparedIndicators } from '../expected/indicators.js';
import type { AssetVerdict } from './verdict.js';

const TYPES = INDICATOR_POINT_SHAPE.columns.map(({ type }) => type);

/** Alignments that were not compared. */
export function waitingIndicators(compared: readonly ComparedIndicators[]): AssetVerdict['waiting'] {
  return compared.flatMap(({ alignment, waitsFor }) =>
    waitsFor === null ? [] : [{ alignment, waitsFor: `indicators: ${waitsFor}` }],
  );
}

/** What differs of one alignment: series that are gone, the row that they continue from, and its points. */
export function findingsOfIndicators({
  alignment,
  points,
  isCarryOther,
  lost,
}: ComparedIndicators): Finding[] {
  const carry: Finding = {
    ...{ table: 'indicator_carry', series: alignment, barSeq: null, day: null, kind: 'changed' },
    ...{ column: null, stored: 'another row', expected: 'that of a rebuild', remark: null },
  };
  const gone = lost.map(
    (tf): Finding => ({
      ...carry,
      ...{ series: `${alignment} ${tf}`, kind: 'missing', stored: null, expected: null },
      remark: 'the series was built, and is gone',
    }),
  );
  return [...gone, ...(isCarryOther ? [carry] : []), ...points.map(findingOfPoint)];
}

/** Series that were built and are gone. */
export function countLost(compared: readonly ComparedIndicators[]): number {
  return compared.reduce((sum, { lost }) => sum + lost.length, 0);
}

function findingOfPoint({ kind, expected, bytes }: RowDifference<IndicatorPointRow>): Finding {
  const cells = bytes === null ? null : decodeRow(bytes, TYPES);
  const [, alignment, tf, barSeq, day, values] = cells ?? [
    ...[0, expected?.alignment, expected?.tf, expected?.barSeq, expected?.day, expected?.values],
  ];
  const place: Finding = {
    ...{ table: INDICATOR_POINT_SHAPE.table, series: `${alignment} ${tf}`, barSeq: barSeq as number },
    ...{ day: formatDay(day as Day), kind, column: null, stored: null, expected: null, remark: null },
  };
  if (expected === null || bytes === null) return place;
  const [at = 0] = differingCells(bytes, encodeRow(INDICATOR_POINT_SHAPE, expected));
  const { name = 'value' } = INDICATOR_POINT_SHAPE.columns[at] ?? {};
  const textOf = (list: unknown) => Array.from(list as Float64Array, String).join(', ');
  return name === 'value'
    ? { ...place, column: name, stored: textOf(values), expected: textOf(expected.values) }
    : { ...place, column: name, stored: String(cells?.[at]), expected: formatDay(expected.day) };
}
