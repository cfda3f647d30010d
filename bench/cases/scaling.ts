/** B5 and B6: four new days with longer histories and with more assets; B9: many assets in little memory. */
import type { Finding } from '../support/findings.js';
import { repeat, type Sample } from '../support/measure.js';
import { refresh } from '../support/program.js';
import { type BenchServer, settle } from '../support/server.js';
import { appendDays, createSeeded } from '../support/warehouse.js';

async function measureAppend(
  server: BenchServer,
  { assets, years, runs }: { assets: number; years: number; runs: number },
): Promise<Sample> {
  const name = 'scaling';
  let seeded = await createSeeded(server, name, { assets, years });
  await refresh(server.url(name), ['-n', '2']);
  await settle(server.url(name));
  const sample = await repeat(runs, async () => {
    seeded = await appendDays(server.url(name), seeded, 4);
    return (await refresh(server.url(name))).durationMs;
  });
  await server.drop(name);
  return sample;
}

/** B5: the length of the history. */
export async function measureHistories(
  server: BenchServer,
  { assets, years, runs }: { assets: number; years: readonly number[]; runs: number },
): Promise<Finding[]> {
  const samples: Record<string, Sample> = {};
  for (const each of years)
    samples[`${each} years`] = await measureAppend(server, { assets, years: each, runs });
  const [first, last] = [Object.values(samples)[0], Object.values(samples).at(-1)];
  return [
    {
      id: 'B5',
      what: `four new days, ${years.at(-1)} years / ${years[0]} years of history, ${assets} assets`,
      goal: { atMost: 1.15 },
      value: (last?.medianMs ?? Number.NaN) / (first?.medianMs ?? Number.NaN),
      detail: '',
      samples,
    },
  ];
}

/** B6: the number of assets. A line through the smallest and the largest; how far the middle is from it. */
export async function measureAssets(
  server: BenchServer,
  { assets, years, runs }: { assets: readonly [number, number, number]; years: number; runs: number },
): Promise<Finding[]> {
  const samples: Record<string, Sample> = {};
  for (const each of assets)
    samples[`${each} assets`] = await measureAppend(server, { assets: each, years, runs });
  const [low, middle, high] = Object.values(samples).map(({ medianMs }) => medianMs) as [
    number,
    number,
    number,
  ];
  const expected = low + ((high - low) * (assets[1] - assets[0])) / (assets[2] - assets[0]);
  return [
    {
      id: 'B6',
      what: `four new days of ${assets.join(', ')} assets: the middle one's distance from a straight line`,
      goal: { atMost: 0.15 },
      value: Math.abs(middle / expected - 1),
      detail: `${years} years`,
      samples,
    },
  ];
}

/** B9: so many assets of one year that anything kept for each of them would show. */
export async function measureMany(server: BenchServer, assets: number): Promise<Finding[]> {
  await createSeeded(server, 'many', { assets, years: 1 });
  const { peakMb, durationMs } = await refresh(server.url('many'), ['-n', '1']);
  await server.drop('many');
  return [
    {
      id: 'B9',
      what: `peak memory, ${assets} assets × 1 year with -n 1, MB`,
      goal: { atMost: 200 },
      value: Math.round(peakMb ?? Number.NaN),
      detail: `${(durationMs / 1000).toFixed(0)} s`,
    },
  ];
}
