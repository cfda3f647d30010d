/** The chart itself, drawn with the library. */
import {
  type AutoscaleInfo,
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
  PriceScaleMode,
  type Time,
} from 'lightweight-charts';
import type { RangeName, ScaleKind } from '../../api/asset-address.js';
import { onThemeChange } from '../shared/theme.js';
import { colorOf, faded, lineColor } from './chart-colors.js';
import { type Base, baseOf, rebased } from './chart-compare.js';
import { barAt, type ChartBar, type ChartData, type ChartLine, daysOf, panesOf } from './chart-data.js';
import { axisFormatOf, axisRangeOf, extentOf, PRICE_MARGIN } from './chart-scale.js';
import { daysInSight, RIGHT_PX, rangeMover, type Shown, showRange } from './chart-sight.js';
import { signsOf } from './chart-signs.js';

/** Without it, years of daily bars do not fit the width. */
const MIN_BAR_SPACING = 0.02;
const LAST_DAY = '9999';
/** Heights of prices and volume, and of each pane of an indicator. */
const PANES = [4, 1];
const INDICATOR_PANE = 1.5;

export interface Chart {
  /** Draws other data, its prices scaled in this way. */
  draw(data: ChartData, scale: ScaleKind): void;
  /** Brings a span up to the newest bar into sight; null: as when a chart is opened. */
  show(range: RangeName | null): void;
  /** Days of the leftmost and the rightmost thing in sight; null: nothing is. */
  range(): { from: string; to: string } | null;
  /** Moves the cross to a bar and brings it into sight. */
  pointAt(bar: ChartBar): void;
  /** Positive: to later days, in widths of the chart. */
  pan(widths: number): void;
  /** Above 1: closer. */
  zoom(factor: number): void;
  picture(): HTMLCanvasElement;
  remove(): void;
}

export interface ChartEvents {
  /** The day under the cross; null when it is nowhere. */
  onPoint(day: string | null): void;
  /** Where the index of two compared assets begins; null: nothing is compared. */
  onBase(base: Base | null): void;
}

/** Draws into an element. */
export function drawChart(element: HTMLElement, { onPoint, onBase }: ChartEvents): Chart {
  const chart = createChart(element, { autoSize: true, ...themeOf() });
  const drawing = beginDrawing(chart);
  const { candles } = drawing;
  // The library also takes the cross away by itself, when the visible range moves: the user did not ask for that.
  chart.subscribeCrosshairMove(({ time, sourceEvent }) => {
    if (typeof time === 'string') onPoint(time);
    else if (sourceEvent !== undefined) onPoint(null);
  });
  const leave = () => onPoint(null);
  element.addEventListener('pointerleave', leave);
  const forget = onThemeChange(() => {
    chart.applyOptions(themeOf());
    if (drawing.shown !== null) drawAll(drawing, drawing.shown.data);
  });
  const scale = chart.timeScale();
  scale.subscribeVisibleLogicalRangeChange(() => rebase(drawing, onBase));
  const moveRange = rangeMover(chart);
  let isThere = true;
  return {
    draw(data, scaleKind) {
      const days = daysOf(data, { from: '', to: LAST_DAY });
      drawing.shown = { data, given: data, base: null, days, scale: scaleKind };
      drawAll(drawing, data);
      onBase(null);
      rebase(drawing, onBase);
    },
    show(range) {
      const place = () => {
        showRange(chart, drawing.shown, range);
        drawSigns(drawing);
      };
      place();
      // Prices make their axis wider when they are first painted, which pushes the oldest bar out of sight.
      requestAnimationFrame(() => isThere && place());
    },
    range: () => daysInSight(chart, drawing.shown),
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
    picture: () => chart.takeScreenshot(true),
    remove() {
      isThere = false;
      element.removeEventListener('pointerleave', leave);
      forget();
      chart.remove();
    },
  };
}

interface Drawing {
  chart: IChartApi;
  candles: ISeriesApi<'Candlestick'>;
  volume: ISeriesApi<'Histogram'>;
  lines: ISeriesApi<'Line'>[];
  compared: ISeriesApi<'Line'> | null;
  markers: ISeriesMarkersPluginApi<Time>;
  shown: Shown | null;
}

function beginDrawing(chart: IChartApi): Drawing {
  const candles = chart.addSeries(CandlestickSeries, { borderVisible: true, priceLineVisible: false });
  const volume = chart.addSeries(
    HistogramSeries,
    { priceFormat: { type: 'volume' }, priceLineVisible: false, lastValueVisible: false },
    1,
  );
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.1, bottom: 0 } });
  for (const [index, pane] of chart.panes().entries()) pane.setStretchFactor(PANES[index] ?? 1);
  // Room for signs would be taken below zero; the margin has room for them.
  const markers = createSeriesMarkers(candles, [], { autoScale: false });
  const drawing: Drawing = { chart, candles, volume, lines: [], compared: null, markers, shown: null };
  // One range for all that lies in the pane of prices: each for itself, a low line would draw the axis below zero.
  candles.applyOptions({ autoscaleInfoProvider: () => priceRangeOf(drawing) });
  return drawing;
}

/** Another left edge: the other asset's line begins at another height. */
function rebase(drawing: Drawing, onBase: ChartEvents['onBase']): void {
  const { chart, shown, compared } = drawing;
  const line = shown?.given.lines.find(({ isCompared }) => isCompared);
  const sight = daysInSight(chart, shown);
  if (shown === null || compared === null || line === undefined || sight === null) return;
  const base = baseOf(shown.given.bars, line.points, sight.from);
  if (base?.day === shown.base?.day && base !== null) return;
  const lines = shown.given.lines.map((each) => rebased(each, base));
  drawing.shown = { ...shown, base, data: { ...shown.given, lines } };
  compared.setData(rebased(line, base).points.map(({ day, value }) => ({ time: day, value })));
  onBase(base);
}

function priceRangeOf(drawing: Drawing): AutoscaleInfo | null {
  const { chart, shown } = drawing;
  const sight = daysInSight(chart, shown);
  const extent = shown === null || sight === null ? null : extentOf(shown.data, sight);
  return shown === null || extent === null ? null : { priceRange: axisRangeOf(extent, shown.scale) };
}

/** With as many words as there is room for between the bars in sight. */
function drawSigns({ chart, shown, markers }: Drawing): void {
  if (shown === null) return;
  const sight = daysInSight(chart, shown);
  const { bars, marks } = shown.data;
  const inSight = sight === null ? bars.length : barAt(bars, sight.to) - barAt(bars, sight.from) + 1;
  markers.setMarkers(signsOf(marks, bars, inSight));
}

function drawAll(drawing: Drawing, { bars, lines }: ChartData): void {
  const { chart, candles, volume } = drawing;
  candles.priceScale().applyOptions({
    mode: drawing.shown?.scale === 'linear' ? PriceScaleMode.Normal : PriceScaleMode.Logarithmic,
    scaleMargins: { top: PRICE_MARGIN, bottom: PRICE_MARGIN },
  });
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
    priceFormat: axisFormatOf(
      bars.map(({ low }) => low),
      { hasNegative: false },
    ),
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
  drawing.compared = null;
  drawing.lines = lines.flatMap((line, index) => {
    const pane = line.pane === null ? 0 : PANES.length + panes.indexOf(line.pane);
    const drawn = drawLine(chart, line, { color: lineColor(index), pane });
    if (line.isCompared) drawing.compared = drawn[0] ?? null;
    return drawn;
  });
  // A pane is there from its first line on, and gone with its last one.
  for (const [index, pane] of chart.panes().entries()) pane.setStretchFactor(PANES[index] ?? INDICATOR_PANE);
  drawSigns(drawing);
}

/** Closing values are a line; previews are dots, joined by dots to the closing value before them. */
function drawLine(
  chart: IChartApi,
  { points }: ChartLine,
  { color, pane }: { color: string; pane: number },
): ISeriesApi<'Line'>[] {
  const common = {
    ...{ color, priceLineVisible: false, lastValueVisible: false, crosshairMarkerRadius: 3 },
    // The candles answer for all of the pane of prices.
    ...(pane === 0
      ? { autoscaleInfoProvider: () => null }
      : {
          priceFormat: axisFormatOf(
            points.map(({ value }) => value),
            { hasNegative: true },
          ),
        }),
  };
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
