/** All series of one asset, judged by the rules of validate-bars.ts and validate-emas.ts. */
import type { Day } from '../calendar/day.js';
import { hasBars, type Timeframe } from '../calendar/timeframe.js';
import { validateBars } from './validate-bars.js';
import { type EmaWatermark, type StoredPoint, type StoredValues, validateEmas } from './validate-emas.js';
import { extremesOf, type StoredBar, type StoredDays, type Violation, validateDays } from './validation.js';

/** What is stored of one asset, by "alignment tf"; the watermarks of alignments by their name. */
export interface StoredSeries {
  days: StoredDays;
  bars: ReadonlyMap<string, readonly StoredBar[]>;
  /** Newest day that a bar series has taken in. */
  barDays: ReadonlyMap<string, Day>;
  points: ReadonlyMap<string, readonly StoredPoint[]>;
  carries: ReadonlyMap<string, StoredValues>;
  watermarks: ReadonlyMap<string, EmaWatermark>;
  /** Series that have not come as far as their alignment. */
  lags: ReadonlyMap<string, Pick<EmaWatermark, 'day' | 'tsUs'>>;
}

/** Everything that is wrong with one asset, series by series in the order of the timeframes. Pure. */
export function validateAsset(stored: StoredSeries, timeframes: readonly Timeframe[]): Violation[] {
  const { days } = stored;
  const broken = validateDays(days);
  if (broken.length > 0) return broken;
  const newestDay = days.length === 0 ? null : (days.day[days.length - 1] as number);
  const violations = watermarksBeyond(stored, newestDay);
  const beyond = new Set(violations.map(({ alignment }) => alignment));
  const dayExtremes = extremesOf(days.close);
  for (const timeframe of timeframes) {
    const { alignment, tf } = timeframe;
    const key = `${alignment} ${tf}`;
    const bars = stored.bars.get(key) ?? [];
    const barDay = stored.barDays.get(key) ?? null;
    if (hasBars(timeframe)) violations.push(...validateBars({ timeframe, bars, days, watermarkDay: barDay }));
    const watermark = stored.watermarks.get(alignment);
    if (watermark === undefined || beyond.has(alignment)) continue;
    violations.push(
      ...validateEmas({
        series: { alignment, tf, tfDays: timeframe.nominalDays },
        points: stored.points.get(key) ?? [],
        carry: stored.carries.get(key) ?? null,
        watermark: { ...watermark, ...stored.lags.get(key) },
        ...{ days, dayExtremes, bars },
        barExtremes: extremesOf(Float64Array.from(bars, ({ close }) => close)),
        inputDay: hasBars(timeframe) ? barDay : newestDay,
      }),
    );
  }
  return violations;
}

/** Alignments whose watermark lies beyond the asset's last day: said once, not for every series. */
function watermarksBeyond({ watermarks }: StoredSeries, newestDay: Day | null): Violation[] {
  return [...watermarks].flatMap(([alignment, { day, tsUs }]) => {
    if (newestDay !== null && day <= newestDay) return [];
    const violation: Violation = {
      ...{ violation: 'ema_watermark_beyond_bars', alignment: alignment as Timeframe['alignment'], tf: '*' },
      ...{ period: 0, tsUs, barSeq: null },
      detail: 'the EMAs of the alignment have come further than the 1D bars; its EMAs were not judged',
    };
    return [violation];
  });
}
