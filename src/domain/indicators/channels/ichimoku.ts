import { type BarSpan, barCount, type IndicatorKind, type Values4 } from '../parts/kind.js';
import { highestsOf, lowestsOf } from '../parts/ranges.js';
import { indexFrom, numbersOf } from '../parts/spans.js';

/** Middle between the highest high and the lowest low of n, at each bar of a span and `back` bars before it. */
function middlesOf(span: BarSpan, n: number, back: number): Float64Array {
  const highests = highestsOf(span.bars.high, span, { n, back });
  const lowests = lowestsOf(span.bars.low, span, { n, back });
  return numbersOf(
    span,
    { first: n - 1, back },
    (at) => ((highests[at] as number) + (lowests[at] as number)) / 2,
  );
}

export const ichimoku: IndicatorKind = {
  name: 'ichimoku',
  title: 'Ichimoku Kinkō Hyō',
  definition:
    '`.tenkan`, `.kijun`: the middle between the highest high and the lowest low of t, of k. `.span_a`, `.span_b`: the edges of the cloud that is drawn over this bar, made k bars before: (tenkan + kijun)/2, and the middle of s. No value knows of a later bar: the cloud ahead of the newest bar is (tenkan + kijun)/2 and the middle of `donchian_s`, and the chikou span is the close, drawn k bars back.',
  source:
    'Goichi Hosoda, Ichimoku Kinkō Hyō (1968), shifted by k bars as in thinkorswim (http://tlc.thinkorswim.com/center/reference/Tech-Indicators/studies-library/G-L/Ichimoku.html); TradingView shifts by k − 1',
  version: 1,
  parameters: [barCount('t', 9), barCount('k', 26, 2), barCount('s', 52, 3)],
  refuse: (t, k, s) => (t < k && k < s ? null : `expects t below k below s, got ${t}, ${k} and ${s}`),
  fields: ['high', 'low'],
  outputs: [
    { name: 'tenkan', isPrice: true, firstAt: (t) => t - 1 },
    { name: 'kijun', isPrice: true, firstAt: (_t, k) => k - 1 },
    { name: 'span_a', isPrice: true, firstAt: (_t, k) => 2 * k - 1 },
    { name: 'span_b', isPrice: true, firstAt: (_t, k, s) => s + k - 1 },
  ],
  lookback: (_t, k, s) => s + k - 1,
  state: [],
  start: (t, k, s) => ({
    step(_state, span, [tenkans, kijuns, as, bs]: Values4): void {
      const tenkan = middlesOf(span, t, k);
      const kijun = middlesOf(span, k, k);
      const slow = middlesOf(span, s, k);
      for (let at = indexFrom(span, t - 1); at < span.to; at += 1) tenkans[at] = tenkan[at] as number;
      for (let at = indexFrom(span, k - 1); at < span.to; at += 1) kijuns[at] = kijun[at] as number;
      for (let at = indexFrom(span, 2 * k - 1); at < span.to; at += 1)
        as[at] = ((tenkan[at - k] as number) + (kijun[at - k] as number)) / 2;
      for (let at = indexFrom(span, s + k - 1); at < span.to; at += 1) bs[at] = slow[at - k] as number;
    },
  }),
};
