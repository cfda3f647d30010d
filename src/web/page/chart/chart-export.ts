/** What is in sight, as a file. */
import type { Chart } from './chart.js';
import { type ChartData, csvOf } from './chart-data.js';

/** Saves the bars and lines in sight. */
export function saveCsv(chart: Chart, { data, file }: { data: ChartData; file: string }): void {
  const range = chart.range() ?? { from: '', to: '9999' };
  save(new Blob([csvOf(data, range)], { type: 'text/csv;charset=utf-8' }), `${file}.csv`);
}

/** Saves the chart as it is drawn. */
export function savePng(chart: Chart, file: string): void {
  chart.picture().toBlob((blob) => {
    if (blob !== null) save(blob, `${file}.png`);
  }, 'image/png');
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has its own hold on the data by the next turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}
