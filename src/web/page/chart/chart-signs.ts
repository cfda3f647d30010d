/** Signs on bars: gaps, repairs, rejects and the open bar, with words where there is room. */
import type { SeriesMarker, SeriesMarkerBarPosition, SeriesMarkerShape, Time } from 'lightweight-charts';
import { colorOf } from './chart-colors.js';
import { barAt, type ChartBar, type ChartMark, type MarkKind } from './chart-data.js';

interface Sign {
  shape: SeriesMarkerShape;
  position: SeriesMarkerBarPosition;
  text: string;
}

const SIGNS: Readonly<Record<MarkKind, Sign>> = {
  gap: { shape: 'square', position: 'belowBar', text: 'gap' },
  repair: { shape: 'circle', position: 'aboveBar', text: 'repair' },
  reject: { shape: 'arrowDown', position: 'aboveBar', text: 'reject' },
};
/** Words closer together than this share of the bars in sight would lie on each other. */
const WORD_SHARE = 0.07;

/** In the order of days; `inSight`: how many bars share the width. */
export function signsOf(
  marks: readonly ChartMark[],
  bars: readonly ChartBar[],
  inSight: number,
): SeriesMarker<Time>[] {
  const signs = [...marks.map(signOf), ...openSign(bars)].sort(byTime);
  return withWordsApart(signs, { bars, least: inSight * WORD_SHARE });
}

function signOf({ day, kind }: ChartMark): SeriesMarker<Time> {
  const color = colorOf(kind === 'reject' ? '--failed' : kind === 'gap' ? '--never' : '--behind');
  return { time: day, color, ...SIGNS[kind] };
}

function openSign(bars: readonly ChartBar[]): SeriesMarker<Time>[] {
  const last = bars.at(-1);
  if (last?.isOpen !== true) return [];
  return [
    { time: last.day, color: colorOf('--accent'), shape: 'arrowUp', position: 'belowBar', text: 'open' },
  ];
}

/** From the newest back: a sign keeps its word where the one after it, on the same side, is far enough away. */
function withWordsApart(
  signs: readonly SeriesMarker<Time>[],
  { bars, least }: { bars: readonly ChartBar[]; least: number },
): SeriesMarker<Time>[] {
  const worded = new Map<string, number>();
  const kept = signs.toReversed().map(({ text, ...sign }) => {
    const at = barAt(bars, String(sign.time));
    const next = worded.get(sign.position) ?? Number.POSITIVE_INFINITY;
    if (next - at < least) return sign;
    worded.set(sign.position, at);
    return { ...sign, ...(text !== undefined && { text }) };
  });
  return kept.reverse();
}

function byTime(a: SeriesMarker<Time>, b: SeriesMarker<Time>): number {
  return String(a.time) < String(b.time) ? -1 : 1;
}
