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
  type Time,
} from 'lightweight-charts';
import { colorOf, faded, lineColor } from './chart-colors.js';
import { type ChartBar, type ChartData, type ChartLine, daysOf, panesOf } from './chart-data.js';
import { signsOf } from './chart-signs.js';

/** Without it, years of daily bars do not fit the width. */
const MIN_BAR_SPACING = 0.02;
const HALF_BAR = 0.5;
const LAST_DAY = '9999';
/** Room for the word at the newest bar. */
const RIGHT_PX = 26;
/** Heights of prices and volume, and of each pane of an indicator. */
const PANES = [4, 1];
const INDICATOR_PANE = 1.5;

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

/** Draws into an element. `onPoint` gets the day under the cross, null when it is nowhere. */
export function drawChart(element: HTMLElement, onPoint: (day: string | null) => void): Chart {
  const chart = createChart(element, { autoSize: true, ...themeOf() });
  const candles = chart.addSeries(CandlestickSeries, { borderVisible: true, priceLineVisible: false });
  const volume = chart.addSeries(
    HistogramSeries,
    { priceFormat: { type: 'volume' }, priceLineVisible: false, lastValueVisible: false },
    1,
  );
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.1, bottom: 0 } });
  candles.priceScale().applyOptions({ scaleMargins: { top: 0.1, bottom: 0.1 } });
  for (const [index, pane] of chart.panes().entries()) pane.setStretchFactor(PANES[index] ?? 1);
  const drawing: Drawing = { chart, candles, volume, lines: [], markers: createSeriesMarkers(candles, []) };
  let shown: ChartData | null = null;
  // The library also takes the cross away by itself, when the visible range moves: the user did not ask for that.
  chart.subscribeCrosshairMove(({ time, sourceEvent }) => {
    if (typeof time === 'string') onPoint(time);
    else if (sourceEvent !== undefined) onPoint(null);
  });
  const leave = () => onPoint(null);
  element.addEventListener('pointerleave', leave);
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
      const cross = () => isThere && chart.setCrosshairPosition(bar.close, bar.day, candles);
      if (index !== null && range !== null && (index < range.from || index > range.to)) {
        const half = (range.to - range.from) / 2;
        scale.setVisibleLogicalRange({ from: index - half, to: index + half });
        // Where nothing is in sight yet there can be no cross.
        requestAnimationFrame(cross);
      } else cross();
      onPoint(bar.day);
    },
    pan: (widths) => moveRange({ pan: widths, zoom: 1 }),
    zoom: (factor) => moveRange({ pan: 0, zoom: factor }),
    fit,
    picture: () => chart.takeScreenshot(true),
    remove() {
      isThere = false;
      element.removeEventListener('pointerleave', leave);
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
    // Else the label of the newest price takes the colour of its bar, and an open one has none.
    priceLineColor: colorOf('--accent'),
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
  const panes = panesOf(lines);
  drawing.lines = lines.flatMap((line, index) => {
    const pane = line.pane === null ? 0 : PANES.length + panes.indexOf(line.pane);
    return drawLine(chart, line, { color: lineColor(index), pane });
  });
  // A pane is there from its first line on, and gone with its last one.
  for (const [index, pane] of chart.panes().entries()) pane.setStretchFactor(PANES[index] ?? INDICATOR_PANE);
  markers.setMarkers(signsOf(marks, bars));
}

/** Closing values are a line; previews are dots, joined by dots to the closing value before them. */
function drawLine(
  chart: IChartApi,
  { points }: ChartLine,
  { color, pane }: { color: string; pane: number },
): ISeriesApi<'Line'>[] {
  const common = { color, priceLineVisible: false, lastValueVisible: false, crosshairMarkerRadius: 3 };
  const closing = chart.addSeries(LineSeries, { ...common, lineWidth: 2, title: '' }, pane);
  closing.setData(
    points.filter(({ isPreview }) => !isPreview).map(({ day, value }) => ({ time: day, value })),
  );
  if (!points.some(({ isPreview }) => isPreview)) return [closing];
  const previews = chart.addSeries(
    LineSeries,
    {
      ...common,
      lineWidth: 1,
      lineStyle: LineStyle.Dotted,
      pointMarkersVisible: points.length < 400,
      pointMarkersRadius: 1.5,
      title: '',
    },
    pane,
  );
  previews.setData(
    points
      .filter((point, index) => point.isPreview || points[index + 1]?.isPreview)
      .map(({ day, value }) => ({ time: day, value })),
  );
  return [closing, previews];
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
      panes: { enableResize: false, separatorColor: colorOf('--line') },
    },
    grid: { vertLines: { color: colorOf('--line') }, horzLines: { color: colorOf('--line') } },
    rightPriceScale: { borderColor: colorOf('--line') },
    timeScale: {
      borderColor: colorOf('--line'),
      minBarSpacing: MIN_BAR_SPACING,
      rightOffsetPixels: RIGHT_PX,
    },
    crosshair: { mode: CrosshairMode.Magnet },
    localization: { locale: 'en-GB', dateFormat: 'yyyy-MM-dd' },
  };
}
