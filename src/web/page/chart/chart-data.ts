/** From the answers of the API to what is drawn, listed and read out: one entry per day of the time axis. */
import type {
  BarsResponse,
  EmasResponse,
  IndicatorsResponse,
  MarksResponse,
} from '../../api/api-asset-types.js';
import type { EmaKind } from '../../api/asset-address.js';

/** One bar of the chart. */
export interface ChartBar {
  day: string;
  firstDay: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
  missingDays: number;
  isOpen: boolean;
}

/** A value of a line. */
export interface LinePoint {
  day: string;
  value: number;
  /** true: as it would be if the open bar closed on that day; not final. */
  isPreview: boolean;
}

/** An EMA, or an output of an indicator. */
export interface ChartLine {
  /** As in a file: ema_21, rsi_14. */
  name: string;
  /** For people. */
  label: string;
  /** Lines of the same name share a pane below; null: over the prices. */
  pane: string | null;
  /** Closes of another asset: drawn by index. */
  isCompared?: true;
  points: LinePoint[];
}

export type MarkKind = 'gap' | 'repair' | 'reject';

/** Something to be seen on a bar. */
export interface ChartMark {
  /** Day of the bar that it lies in. */
  day: string;
  kind: MarkKind;
  text: string;
}

export interface ChartData {
  bars: ChartBar[];
  lines: ChartLine[];
  marks: ChartMark[];
}

/** Rows instead of columns. */
export function barsOf({ bars, isLastOpen }: BarsResponse): ChartBar[] {
  const last = bars.day.length - 1;
  return bars.day.map((day, index) => ({
    day,
    firstDay: bars.firstDay[index] ?? day,
    open: bars.open[index] ?? Number.NaN,
    high: bars.high[index] ?? Number.NaN,
    low: bars.low[index] ?? Number.NaN,
    close: bars.close[index] ?? Number.NaN,
    volume: bars.volume[index] ?? null,
    missingDays: bars.missingDays[index] ?? 0,
    isOpen: isLastOpen && index === last,
  }));
}

/** The lines of a kind. */
export function linesOf(emas: EmasResponse | null, kind: EmaKind): ChartLine[] {
  if (emas === null) return [];
  return emas.series.map(({ period, ema, emaBar }) => {
    const values = kind === 'ema' ? ema : emaBar;
    const points = emas.day.flatMap((day, index) => {
      const value = values[index] ?? null;
      return value === null ? [] : [{ day, value, isPreview: emas.isClosing[index] === 0 }];
    });
    return { name: `${kind}_${period}`, label: `${kind} ${period}`, pane: null, points };
  });
}

/** The lines of indicators: prices over the bars, others in a pane for each indicator. */
export function indicatorLinesOf(indicators: IndicatorsResponse | null): ChartLine[] {
  if (indicators === null) return [];
  return indicators.series.map(({ name, indicator, isPrice, day, value, isLastPreview }) => ({
    ...{ name, label: name, pane: isPrice ? null : indicator },
    points: day.map((each, index) => ({
      day: each,
      value: value[index] ?? Number.NaN,
      isPreview: isLastPreview && index === day.length - 1,
    })),
  }));
}

/** Names of the panes below the prices, in the order of the lines. */
export function panesOf(lines: readonly ChartLine[]): string[] {
  return [...new Set(lines.flatMap(({ pane }) => (pane === null ? [] : [pane])))];
}

/** Gaps, repairs and rejects, each on the bar that its day lies in; several of a kind on one bar become one mark. */
export function marksOf(marks: MarksResponse | null, bars: readonly ChartBar[]): ChartMark[] {
  if (marks === null || bars.length === 0) return [];
  const found = [
    ...marks.gaps.map(({ firstDay, lastDay, days }) => ({
      day: lastDay,
      kind: 'gap' as const,
      text: firstDay === lastDay ? firstDay : `${firstDay} to ${lastDay}, ${days} days`,
    })),
    ...marks.repairs.map(({ day, reasons }) => ({
      day,
      kind: 'repair' as const,
      text: `${day}: ${reasons.join(', ')}`,
    })),
    ...marks.rejects.map(({ day, reasons }) => ({
      day,
      kind: 'reject' as const,
      text: `${day}: ${reasons.join(', ')}`,
    })),
  ];
  const byBar = new Map<string, ChartMark>();
  for (const { day, kind, text } of found) {
    const bar = bars[barAt(bars, day)];
    if (bar === undefined) continue;
    const key = `${bar.day} ${kind}`;
    const before = byBar.get(key);
    byBar.set(key, { day: bar.day, kind, text: before === undefined ? text : `${before.text}; ${text}` });
  }
  return [...byBar.values()].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

/** Index of the first bar that ends on the day or after it; after the last bar: bars.length. */
export function barAt(bars: readonly { day: string }[], day: string): number {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars[middle]?.day ?? '') < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** All days of the time axis that lie in the range, ascending. */
export function daysOf({ bars, lines }: ChartData, { from, to }: { from: string; to: string }): string[] {
  const days = new Set<string>();
  for (const { day } of bars) days.add(day);
  for (const { points } of lines) for (const { day } of points) days.add(day);
  return [...days].filter((day) => day >= from && day <= to).sort();
}

/** What is shown, as CSV by RFC 4180: one line per day; numbers as they are, nothing for what is not there. */
export function csvOf(data: ChartData, { from, to }: { from: string; to: string }): string {
  const bars = new Map(data.bars.map((bar) => [bar.day, bar]));
  const lines = data.lines.map(({ name, points }) => ({
    name,
    byDay: new Map(points.map((point) => [point.day, point])),
  }));
  const head = [
    'day',
    'bar_first_day',
    'open',
    'high',
    'low',
    'close',
    'volume',
    'missing_days',
    'bar_is_open',
  ];
  const rows = daysOf(data, { from, to }).map((day) => {
    const bar = bars.get(day);
    const ofBar =
      bar === undefined
        ? Array<string>(head.length - 1).fill('')
        : [
            bar.firstDay,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume ?? '',
            bar.missingDays,
            bar.isOpen,
          ];
    const ofLines = lines.flatMap(({ byDay }) => {
      const point = byDay.get(day);
      return [point?.value ?? '', point?.isPreview ?? ''];
    });
    return [day, ...ofBar, ...ofLines].join(',');
  });
  const names = lines.flatMap(({ name }) => [name, `${name}_is_preview`]);
  return `${[[...head, ...names].join(','), ...rows].join('\r\n')}\r\n`;
}
