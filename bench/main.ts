/**
 * npm run bench [-- --quick] [-- --only B1,B7]: every figure of docs/contributing/performance.md, on a server of its own.
 * Exit 0 also where a goal is not reached: the figures belong to a machine. What cannot be measured is exit 1.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureAlternative } from './cases/alternative.js';
import { measureBuilds } from './cases/builds.js';
import { measureCompare } from './cases/compare.js';
import { measureDays } from './cases/day.js';
import { measureExport } from './cases/export.js';
import { measureIndicatorCosts } from './cases/indicator-costs.js';
import { measureIndicators } from './cases/indicators.js';
import { measureKernel } from './cases/kernel.js';
import { measureNews } from './cases/news.js';
import { measurePages } from './cases/pages.js';
import { measureReads } from './cases/reads.js';
import { measureRecompute } from './cases/recompute.js';
import { measureAssets, measureHistories, measureMany } from './cases/scaling.js';
import { measureSizes } from './cases/sizes.js';
import type { Finding } from './support/findings.js';
import { describeMachine, formatFinding, type Results, writeResults } from './support/results.js';
import { type BenchServer, startBenchServer } from './support/server.js';

const FULL = {
  runs: 5,
  builds: { assets: 100, years: 11 },
  costs: { assets: 100, years: 11 },
  news: { assets: 492, years: 11 },
  histories: { assets: 100, years: [3, 7, 15] },
  assets: { assets: [50, 200, 492] as const, years: 3 },
  many: 5000,
  sizes: { assets: 10, years: 11 },
  days: { assets: 20, years: 11, days: 30 },
  pages: { assets: 1000, years: 11, loads: 7 },
  compared: 11,
  recomputed: { assets: 4, years: 11 },
};
type Scale = typeof FULL;

const QUICK: Scale = {
  runs: 3,
  builds: { assets: 12, years: 11 },
  costs: { assets: 6, years: 11 },
  news: { assets: 20, years: 3 },
  histories: { assets: 10, years: [3, 7] },
  assets: { assets: [10, 20, 30] as unknown as Scale['assets']['assets'], years: 1 },
  many: 200,
  sizes: { assets: 2, years: 11 },
  days: { assets: 5, years: 3, days: 5 },
  pages: { assets: 100, years: 11, loads: 3 },
  compared: 3,
  recomputed: { assets: 2, years: 3 },
};

/** Gives its findings all at once, or one by one as they come. */
type Case = (server: BenchServer, scale: Scale) => Promise<Finding[]> | AsyncIterable<Finding>;

/** By the figures that each gives; B7 reads what B2 leaves. */
const CASES: readonly (readonly [ids: string, run: Case])[] = [
  ['B11', measureKernel],
  ['B13', measureIndicators],
  ['B13', (server, { costs, runs }) => measureIndicatorCosts(server, { ...costs, runs })],
  ['B1 B8 B9', (server, { builds, runs }) => measureBuilds(server, { ...builds, runs })],
  ['B12', (server, { pages }) => measurePages(server, pages)],
  ['B10', (server, { sizes }) => measureSizes(server, sizes)],
  ['B14', (server, { days }) => measureDays(server, days)],
  ['B16', (server, { compared, runs }) => measureCompare(server, { years: compared, runs })],
  ['B18', (server, { recomputed, runs }) => measureRecompute(server, { ...recomputed, runs })],
  ['B2', (server, { runs }) => measureAlternative(server, runs)],
  ['B5', (server, { histories, runs }) => measureHistories(server, { ...histories, runs })],
  ['B6', (server, { assets, runs }) => measureAssets(server, { ...assets, runs })],
  ['B9', (server, { many }) => measureMany(server, many)],
  [
    'B1 B2 B3 B4 B7 B14 B15 B17',
    async function* (server, { news, runs }) {
      yield* measureNews(server, { ...news, runs });
      yield* await measureReads(server);
      yield* measureExport(server);
    },
  ],
];

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const wanted = values.only?.split(',');
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const scale = values.quick === true ? QUICK : FULL;
const server = await startBenchServer();
const circumstances: Omit<Results, 'findings'> = {
  scale: values.quick === true ? 'quick' : 'full',
  day: new Date().toISOString().slice(0, 10),
  barwright: version,
  postgresql: server.version,
  ...describeMachine(),
};
try {
  for (const [ids, run] of CASES) {
    if (wanted !== undefined && !ids.split(' ').some((id) => wanted.includes(id))) continue;
    const given = run(server, scale);
    // What is measured is kept, whatever becomes of the rest.
    for await (const finding of Symbol.asyncIterator in given ? given : await given) {
      console.log(formatFinding(finding));
      writeResults({ ...circumstances, findings: [finding] });
    }
  }
} finally {
  await server.remove();
}
