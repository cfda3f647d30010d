/** What of the time axis is in sight, and moving it. */
import type { IChartApi } from 'lightweight-charts';
import type { RangeName, ScaleKind } from '../../api/asset-address.js';
import type { Base } from './chart-compare.js';
import type { ChartData } from './chart-data.js';
import { firstDayOf } from './chart-scale.js';

const HALF_BAR = 0.5;
/** Room for the word at the newest bar. */
export const RIGHT_PX = 26;

/** What is drawn, with all days of its time axis. */
export interface Shown {
  /** As it is drawn: another asset's line is rebased. */
  data: ChartData;
  /** As it was given. */
  given: ChartData;
  /** null: nothing is compared, or the two have no day in common. */
  base: Base | null;
  days: readonly string[];
  scale: ScaleKind;
}

/** Days of the leftmost and the rightmost thing in sight; a bar is in sight when its middle is. null: nothing is. */
export function daysInSight(chart: IChartApi, shown: Shown | null): { from: string; to: string } | null {
  const range = chart.timeScale().getVisibleLogicalRange();
  const days = shown?.days ?? [];
  const from = days[Math.max(0, Math.ceil((range?.from ?? 0) - HALF_BAR))];
  const to = days[Math.min(days.length - 1, Math.floor((range?.to ?? 0) + HALF_BAR))];
  return range === null || from === undefined || to === undefined ? null : { from, to };
}

/** From the first bar of the range to the newest, with room for the word at it. */
export function showRange(chart: IChartApi, shown: Shown | null, range: RangeName | null): void {
  if (shown === null) return;
  const scale = chart.timeScale();
  const firstDay = firstDayOf(shown.data.bars, range);
  const first = shown.days.findIndex((day) => day >= firstDay);
  if (first <= 0) {
    scale.fitContent();
    return;
  }
  const last = shown.days.length - 1;
  const room = RIGHT_PX / Math.max(1, scale.width() - RIGHT_PX);
  scale.setVisibleLogicalRange({
    from: first,
    to: last + room * (last - first + 1),
  });
}

/** Pans and zooms. A range that was asked for counts only with the next frame; keys may be faster than that. */
export function rangeMover(chart: IChartApi): (step: { pan: number; zoom: number }) => void {
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
