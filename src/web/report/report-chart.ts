/** The chart of a report: how long runs took, by component, as SVG. */
import { html } from 'hono/html';
import type { RunSummary } from '../api/api-types.js';

const WIDTH = 720;
const HEIGHT = 200;
const LEFT = 56;
const BOTTOM = 24;

/** A column per run, the oldest first, its components on top of each other. Every column can be read as text as well. */
export function chartOfRuns(runs: readonly RunSummary[]): ReturnType<typeof html> {
  const most = Math.max(0.001, ...runs.map(sumOf));
  const plot = HEIGHT - BOTTOM - 8;
  const step = (WIDTH - LEFT) / Math.max(10, runs.length);
  const y = (seconds: number) => HEIGHT - BOTTOM - (seconds / most) * plot;
  const round = (value: number) => Math.round(value * 100) / 100;
  return html`<svg role="img" aria-label="Duration of runs, by component" viewBox="0 0 ${WIDTH} ${HEIGHT}">
${[0, most / 2, most].map(
  (
    seconds,
  ) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${round(y(seconds))}" y2="${round(y(seconds))}"/>
<text x="${LEFT - 6}" y="${round(y(seconds)) + 4}" text-anchor="end">${seconds.toFixed(most < 10 ? 2 : 0)} s</text>`,
)}
${runs.map((run, index) => {
  let below = 0;
  const columns = run.stages.map(({ component, durationSec }) => {
    const top = round(y(below + durationSec));
    const height = round(y(below) - y(below + durationSec));
    below += durationSec;
    return html`<rect class="${component}" x="${round(LEFT + index * step + 2)}" width="${round(step - 4)}" y="${top}" height="${height}"/>`;
  });
  const isBad = run.status !== 'ok' && run.status !== 'running';
  const mark = html`<text class="bad" x="${round(LEFT + (index + 0.5) * step)}" y="${HEIGHT - 8}" text-anchor="middle">!</text>`;
  return html`<g><title>${titleOf(run)}</title>${columns}${isBad ? mark : ''}</g>`;
})}
</svg>
<p class="legend"><span class="key bars"></span> bars <span class="key emas"></span> EMAs; ! marks runs that did not end well.</p>`;
}

function sumOf({ stages }: RunSummary): number {
  return stages.reduce((sum, { durationSec }) => sum + durationSec, 0);
}

function titleOf({ startedAt, status, stages }: RunSummary): string {
  const parts = stages.map(({ component, durationSec }) => `${component} ${durationSec.toFixed(2)} s`);
  return `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${status}: ${parts.join(', ') || 'nothing recorded'}`;
}
