/** The values under the cross, or of the newest bar. */
import type { JSX } from 'preact';
import { formatValue, formatVolume } from '../shared/format.js';
import { useTheme } from '../shared/theme.js';
import { lineColor } from './chart-colors.js';
import { type Base, indexOf } from './chart-compare.js';
import type { ChartData } from './chart-data.js';

interface LegendProps {
  data: ChartData;
  /** null: of the newest bar. */
  day: string | null;
  /** Where compared assets have the index 100; null: nothing is compared. */
  base: Base | null;
}

/** Values of the bar and of each line; a preview is called one. */
export function ChartLegend({ data, day, base }: LegendProps): JSX.Element {
  // The swatches are drawn again in the colours of another theme.
  useTheme();
  const shown = day ?? data.bars.at(-1)?.day ?? '';
  const bar = data.bars.find((each) => each.day === shown);
  const marks = data.marks.filter((mark) => mark.day === shown);
  return (
    <p class="legend" data-testid="legend" aria-live="polite">
      <span>
        <b>{shown}</b>
        {bar?.isOpen === true && ' (open bar)'}
      </span>
      {bar !== undefined && (
        <>
          <span>O {formatValue(bar.open)}</span>
          <span>H {formatValue(bar.high)}</span>
          <span>L {formatValue(bar.low)}</span>
          <span>C {formatValue(bar.close)}</span>
          <span>V {bar.volume === null ? 'none' : formatVolume(bar.volume)}</span>
          {base !== null && (
            <span>
              index {formatValue(indexOf(bar.close, base.own))} (100 on {base.day})
            </span>
          )}
        </>
      )}
      {data.lines.map(({ name, label, points, isCompared }, index) => {
        const point = points.find((each) => each.day === shown);
        const hasIndex = isCompared === true && base !== null && point !== undefined;
        return (
          <span key={name}>
            <i class="swatch" aria-hidden="true" style={{ background: lineColor(index) }} />
            <bdi>{label}</bdi>{' '}
            {point === undefined
              ? 'none'
              : `${formatValue(point.value)}${point.isPreview ? ' (preview)' : ''}`}
            {hasIndex && `, index ${formatValue(indexOf(point.value, base.other))}`}
          </span>
        );
      })}
      {marks.map(({ kind: mark, text }) => (
        <span key={mark} class="marked">
          {mark}: {text}
        </span>
      ))}
    </p>
  );
}
