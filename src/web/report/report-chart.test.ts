import { expect, test } from 'vitest';
import type { RunSummary } from '../api/api-types.js';
import { chartOfRuns } from './report-chart.js';

const run = (status: RunSummary['status'], ...durations: number[]): RunSummary => ({
  ...({ run: 'r', startedAt: '2026-01-05T06:00:00.000Z', finishedAt: null } as RunSummary),
  status,
  stages: durations.map((durationSec, index) => ({
    ...({ component: index === 0 ? 'bars' : 'emas', medianSec: null } as RunSummary['stages'][number]),
    durationSec,
  })),
});
const numbers = (text: string, attribute: string) =>
  [...text.matchAll(new RegExp(`<rect[^>]* ${attribute}="([^"]*)"`, 'g'))].map((match) => Number(match[1]));

test('lines at nothing, half and the longest run; columns stand on each other in proportion to time', async () => {
  const text = String(await chartOfRuns([run('ok', 10, 30), run('failed', 20)]));
  expect([...text.matchAll(/>([\d.]+ s)</g)].map((match) => match[1])).toEqual(['0 s', '20 s', '40 s']);
  const [tops, heights] = [numbers(text, 'y'), numbers(text, 'height')];
  expect(heights).toEqual([42, 126, 84]);
  // The EMAs of the first run end where its bars begin.
  expect((tops[1] ?? 0) + (heights[1] ?? 0)).toBe(tops[0]);
  const [first, , second] = numbers(text, 'x');
  expect((second ?? 0) - (first ?? 0)).toBe(66.4);
  // The run that failed has a mark.
  expect(text.match(/class="bad"/g)).toHaveLength(1);
});

test('runs of less than ten seconds have parts of a second at their lines', async () => {
  const text = String(await chartOfRuns([run('ok', 0.5)]));
  expect([...text.matchAll(/>([\d.]+ s)</g)].map((match) => match[1])).toEqual([
    '0.00 s',
    '0.25 s',
    '0.50 s',
  ]);
});
