/** Another asset beside the bars, by index: both are 100 at the left edge. */
import type { BarsResponse } from '../../api/api-asset-types.js';
import { barAt, type ChartBar, type ChartLine, type LinePoint } from './chart-data.js';

/** Closes at which both have the index 100. */
export interface Base {
  day: string;
  own: number;
  other: number;
}

const INDEX = 100;

/** Closes of another asset as a line over the prices. */
export function comparedLineOf({ id, bars }: BarsResponse, label: string): ChartLine {
  return {
    ...{ name: `close_${id}`, label, pane: null, isCompared: true as const },
    points: bars.day.map((day, index) => ({ day, value: bars.close[index] ?? Number.NaN, isPreview: false })),
  };
}

/** The first day from `from` on at which both have a close, the other one's as of that day; null: there is none. */
export function baseOf(bars: readonly ChartBar[], points: readonly LinePoint[], from: string): Base | null {
  for (let index = barAt(bars, from); index < bars.length; index += 1) {
    const bar = bars[index];
    const other = bar === undefined ? undefined : closeAt(points, bar.day);
    if (bar !== undefined && other !== undefined && other > 0 && bar.close > 0)
      return { day: bar.day, own: bar.close, other };
  }
  return null;
}

function closeAt(points: readonly LinePoint[], day: string): number | undefined {
  const at = barAt(points, day);
  return points[at]?.day === day ? points[at]?.value : points[at - 1]?.value;
}

/** The line as high as it has to be beside the bars: at the left edge it meets their close. */
export function rebased(line: ChartLine, base: Base | null): ChartLine {
  if (line.isCompared !== true) return line;
  if (base === null) return { ...line, points: [] };
  const factor = base.own / base.other;
  return { ...line, points: line.points.map((point) => ({ ...point, value: point.value * factor })) };
}

/** A close as an index. */
export function indexOf(close: number, closeAtBase: number): number {
  return (INDEX * close) / closeAtBase;
}
