/** The chart itself: the only file that knows the drawing library. */
import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineSeries,
  LineStyle,
  type SeriesMarker,
  type SeriesMarkerBarPosition,
  type SeriesMarkerShape,
  type Time,
} from 'lightweight-charts';
import {
  type ChartBar,
  type ChartData,
  type ChartMark,
  daysOf,
  type EmaLine,
  type MarkKind,
} from './chart-data.js';

/** Without it, years of daily bars do not fit the width. */
const MIN_BAR_SPACING = 0.02;
const HALF_BAR = 0.5;
const LAST_DAY = '9999';
const VOLUME_SHARE = 0.18;
const LINE_COLORS = {
  light: ['#1c5d99', '#b35900', '#6d4aad', '#00736b'],
  dark: ['#7cb7ee', '#ffb45e', '#c3a6ff', '#5ed1c6'],
};

const SIGNS: Readonly<Record<MarkKind, Sign>> = {
  gap: { shape: 'square', position: 'belowBar', text: 'gap' },
  repair: { shape: 'circle', position: 'aboveBar', text: 'repair' },
  reject: { shape: 'arrowDown', position: 'aboveBar', text: 'reject' },
};
/** More marks than this in sight would hide the bars: then they have no words. */
const MAX_WORDS = 12;

export interface Chart {
  /** Draws other data; `isNew`: another series than before, so all of it is to be seen. */
  draw(data: ChartData, options: { isNew: boolean }): void;
  /** Days of the leftmost and the rightmost thing in sight; null: nothing is. */
  range(): { from: string; to: string } | null;
  /** Moves the cross to a bar and brings it into sight. */
  pointAt(bar: ChartBar): void;
  /** Positive: to later days, in widths of the chart. */
  pan(widths: number): void;
  /** Above 1: closer. */
  zoom(factor: number): void;
  fit(): void;
  picture(): HTMLCanvasElement;
  remove(): void;
}

interface Sign {
  shape: SeriesMarkerShape;
  position: SeriesMarkerBarPosition;
  text: string;
}

/** Colours of the n-th line. */
export function lineColor(index: number): string {
  const colors = isDark() ? LINE_COLORS.dark : LINE_COLORS.light;
  return colors[index % colors.length] ?? '';
}

/** Draws into an element. `onPoint` is told the day under the cross, null when it is nowhere. */
export function drawChart(element: HTMLElement, onPoint: (day: string | null) => void): Chart {
  const chart = createChart(element, { autoSize: true, ...themeOf() });
  const candles = chart.addSeries(CandlestickSeries, { borderVisible: true, priceLineVisible: false });
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    priceFormat: { type: 'volume' },
    priceLineVisible: false,
    lastValueVisible: false,
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: 1 - VOLUME_SHARE, bottom: 0 } });
  candles.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: VOLUME_SHARE + 0.04 } });
  const drawing: Drawing = { chart, candles, volume, lines: [], markers: createSeriesMarkers(candles, []) };
  let shown: ChartData | null = null;
  chart.subscribeCrosshairMove(({ time }) => onPoint(typeof time === 'string' ? time : null));
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const repaint = () => {
    chart.applyOptions(themeOf());
    if (shown !== null) drawAll(drawing, shown);
  };
  dark.addEventListener('change', repaint);
  const scale = chart.timeScale();
  const moveRange = rangeMover(chart);
  let isThere = true;
  const fit = () => {
    scale.fitContent();
    // Prices make their axis wider when they are first painted, which pushes the oldest bar out of sight.
    requestAnimationFrame(() => isThere && scale.fitContent());
  };
  return {
    draw(data, { isNew }) {
      shown = data;
      drawAll(drawing, data);
      if (isNew) fit();
    },
    range: () => (shown === null ? null : daysInSight(chart, shown)),
    pointAt(bar) {
      const index = scale.timeToIndex(bar.day);
      const range = scale.getVisibleLogicalRange();
      if (index !== null && range !== null && (index < range.from || index > range.to)) {
        const half = (range.to - range.from) / 2;
        scale.setVisibleLogicalRange({ from: index - half, to: index + half });
      }
      chart.setCrosshairPosition(bar.close, bar.day, candles);
      onPoint(bar.day);
    },
    pan: (widths) => moveRange({ pan: widths, zoom: 1 }),
    zoom: (factor) => moveRange({ pan: 0, zoom: factor }),
    fit,
    picture: () => chart.takeScreenshot(true),
    remove() {
      isThere = false;
      dark.removeEventListener('change', repaint);
      chart.remove();
    },
  };
}

interface Drawing {
  chart: IChartApi;
  candles: ISeriesApi<'Candlestick'>;
  volume: ISeriesApi<'Histogram'>;
  lines: ISeriesApi<'Line'>[];
  markers: ISeriesMarkersPluginApi<Time>;
}

function drawAll(drawing: Drawing, { bars, lines, marks }: ChartData): void {
  const { chart, candles, volume, markers } = drawing;
  const [up, down] = [colorOf('--up'), colorOf('--down')];
  candles.applyOptions({
    upColor: up,
    borderUpColor: up,
    wickUpColor: up,
    downColor: down,
    borderDownColor: down,
    wickDownColor: down,
    priceFormat: priceFormatOf(bars),
  });
  candles.setData(
    bars.map(({ day, open, high, low, close, isOpen }) => ({
      time: day,
      open,
      high,
      low,
      close,
      // Hollow: its window is not over.
      ...(isOpen && { color: 'transparent' }),
    })),
  );
  volume.setData(
    bars.map((bar) => ({
      time: bar.day,
      value: bar.volume ?? 0,
      color: faded(bar.close < bar.open ? down : up),
    })),
  );
  for (const line of drawing.lines) chart.removeSeries(line);
  drawing.lines = lines.flatMap((line, index) => drawLine(chart, line, lineColor(index)));
  markers.setMarkers([...marks.map((mark) => signOf(mark, marks.length)), ...openSign(bars)].sort(byTime));
}

/** Closing values are a line; previews are dots, joined by dots to the closing value before them. */
function drawLine(chart: IChartApi, { points }: EmaLine, color: string): ISeriesApi<'Line'>[] {
  const common = { color, priceLineVisible: false, lastValueVisible: false, crosshairMarkerRadius: 3 };
  const closing = chart.addSeries(LineSeries, { ...common, lineWidth: 2, title: '' });
  closing.setData(
    points.filter(({ isPreview }) => !isPreview).map(({ day, value }) => ({ time: day, value })),
  );
  if (!points.some(({ isPreview }) => isPreview)) return [closing];
  const previews = chart.addSeries(LineSeries, {
    ...common,
    lineWidth: 1,
    lineStyle: LineStyle.Dotted,
    pointMarkersVisible: points.length < 400,
    pointMarkersRadius: 1.5,
    title: '',
  });
  previews.setData(
    points
      .filter((point, index) => point.isPreview || points[index + 1]?.isPreview)
      .map(({ day, value }) => ({ time: day, value })),
  );
  return [closing, previews];
}

function signOf({ day, kind }: ChartMark, count: number): SeriesMarker<Time> {
  const { text, ...sign } = SIGNS[kind];
  const color = colorOf(kind === 'reject' ? '--failed' : kind === 'gap' ? '--never' : '--behind');
  return { time: day, color, ...sign, ...(count <= MAX_WORDS && { text }) };
}

function openSign(bars: readonly ChartBar[]): SeriesMarker<Time>[] {
  const last = bars.at(-1);
  if (last?.isOpen !== true) return [];
  return [
    { time: last.day, color: colorOf('--accent'), shape: 'arrowUp', position: 'belowBar', text: 'open' },
  ];
}

function byTime(a: SeriesMarker<Time>, b: SeriesMarker<Time>): number {
  return String(a.time) < String(b.time) ? -1 : 1;
}

/** As many decimals as the smallest price needs. */
function priceFormatOf(bars: readonly ChartBar[]): { type: 'price'; precision: number; minMove: number } {
  const smallest = bars.reduce(
    (least, { low }) => (low > 0 && low < least ? low : least),
    Number.POSITIVE_INFINITY,
  );
  const wanted = Number.isFinite(smallest) ? 3 - Math.floor(Math.log10(smallest)) : 2;
  const precision = Math.min(10, Math.max(2, wanted));
  return { type: 'price', precision, minMove: 10 ** -precision };
}

/** A bar is in sight when its middle is. */
function daysInSight(chart: IChartApi, shown: ChartData): { from: string; to: string } | null {
  const range = chart.timeScale().getVisibleLogicalRange();
  const days = daysOf(shown, { from: '', to: LAST_DAY });
  const from = days[Math.max(0, Math.ceil((range?.from ?? 0) - HALF_BAR))];
  const to = days[Math.min(days.length - 1, Math.floor((range?.to ?? 0) + HALF_BAR))];
  return range === null || from === undefined || to === undefined ? null : { from, to };
}

/** Pans and zooms. A range that was asked for counts only with the next frame; keys may be faster than that. */
function rangeMover(chart: IChartApi): (step: { pan: number; zoom: number }) => void {
  let pending: { from: number; to: number } | null = null;
  return ({ pan, zoom }) => {
    const range = pending ?? chart.timeScale().getVisibleLogicalRange();
    if (range === null) return;
    const half = (range.to - range.from) / zoom / 2;
    const middle = (range.from + range.to) / 2 + pan * (range.to - range.from);
    pending = { from: middle - half, to: middle + half };
    chart.timeScale().setVisibleLogicalRange(pending);
    requestAnimationFrame(() => {
      pending = null;
    });
  };
}

function themeOf() {
  return {
    layout: {
      background: { type: ColorType.Solid as const, color: colorOf('--raised') },
      textColor: colorOf('--ink'),
      fontFamily: 'system-ui, sans-serif',
      // Its logo brings an inline style, which the policy forbids; the foot of the page names the library.
      attributionLogo: false,
    },
    grid: { vertLines: { color: colorOf('--line') }, horzLines: { color: colorOf('--line') } },
    rightPriceScale: { borderColor: colorOf('--line') },
    timeScale: { borderColor: colorOf('--line'), minBarSpacing: MIN_BAR_SPACING },
    crosshair: { mode: CrosshairMode.Magnet },
    localization: { locale: 'en-GB', dateFormat: 'yyyy-MM-dd' },
  };
}

function isDark(): boolean {
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A third of the strength; colours of the page are #rrggbb. */
function faded(color: string): string {
  return `${color}55`;
}
