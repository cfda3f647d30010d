/** The chart in words: marks, and the newest bars with the values of their lines. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asPlainText, countOf, formatValue, formatVolume } from '../shared/format.js';
import { ScrollTable } from '../shared/parts.jsx';
import type { ChartBar, ChartData } from './chart-data.js';

const MAX_ROWS = 250;

/** Two folded tables. */
export function ChartTables({ data }: { data: ChartData }): JSX.Element {
  return (
    <>
      {data.marks.length > 0 && (
        <details>
          <summary>{countOf(data.marks.length, 'bar mark')}: gaps, repairs, rejects</summary>
          <ul>
            {data.marks.map(({ day, kind: mark, text }) => (
              <li key={`${day} ${mark}`}>
                {mark}: {asPlainText(text)} <span class="quiet">(bar of {day})</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <ValueTable data={data} />
    </>
  );
}

function ValueTable({ data }: { data: ChartData }): JSX.Element {
  const [isShown, setIsShown] = useState(false);
  const lines = data.lines.map(({ name, label, points }) => ({
    ...{ name, label },
    byDay: isShown ? new Map(points.map((point) => [point.day, point])) : new Map(),
  }));
  const rows = isShown ? data.bars.slice(-MAX_ROWS).reverse() : [];
  return (
    <details onToggle={(event) => setIsShown(event.currentTarget.open)}>
      <summary>The newest bars as a table</summary>
      <ScrollTable label="Values of the newest bars">
        <thead>
          <tr>
            <th>bar, first to last day</th>
            {['open', 'high', 'low', 'close', 'volume'].map((name) => (
              <th key={name} class="number">
                {name}
              </th>
            ))}
            {lines.map(({ name, label }) => (
              <th key={name} class="number">
                <bdi>{label}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((bar) => (
            <tr key={bar.day}>
              <BarCells bar={bar} />
              {lines.map(({ name, byDay }) => {
                const point = byDay.get(bar.day);
                return (
                  <td key={name} class="number">
                    {point === undefined
                      ? ''
                      : `${formatValue(point.value)}${point.isPreview ? ' (preview)' : ''}`}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </details>
  );
}

function BarCells({ bar }: { bar: ChartBar }): JSX.Element {
  return (
    <>
      <td>
        {bar.firstDay === bar.day ? bar.day : `${bar.firstDay} to ${bar.day}`}
        {bar.isOpen && ' (open)'}
      </td>
      {[bar.open, bar.high, bar.low, bar.close].map((value, index) => (
        <td key={index} class="number">
          {formatValue(value)}
        </td>
      ))}
      <td class="number">{bar.volume === null ? '' : formatVolume(bar.volume)}</td>
    </>
  );
}
