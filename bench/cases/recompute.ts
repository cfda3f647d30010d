/** B18: every daily EMA computed again with polars and written to Parquet, beside barwright's full build of the same assets. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPython } from '../../test/support/examples/python.js';
import type { Finding } from '../support/findings.js';
import { sampleOf } from '../support/measure.js';
import { refresh } from '../support/program.js';
import { type BenchServer, settle } from '../support/server.js';
import { createSeeded } from '../support/warehouse.js';

const SCRIPT = fileURLToPath(new URL('../python/recompute.py', import.meta.url));
const TIMEOUT_MS = 1_200_000;
const SEEDED = 'b18_seeded';
const BUILT = 'b18';

/** Nothing where there is no Python with polars; that is said. */
export async function measureRecompute(
  server: BenchServer,
  { assets, years, runs }: { assets: number; years: number; runs: number },
): Promise<Finding[]> {
  const python = await findPython('B18, computing again with polars');
  if (python === null) return [];
  await createSeeded(server, SEEDED, { assets, years });
  const [ours, theirs]: [number[], number[]] = [[], []];
  let values = 0;
  for (let run = 0; run < runs; run += 1) {
    await server.create(BUILT, SEEDED);
    ours.push((await refresh(server.url(BUILT))).durationMs);
    await settle(server.url(BUILT));
    const recomputed = recompute(python, server.url(BUILT), assets);
    theirs.push(recomputed.durationMs);
    values = recomputed.values;
    await server.drop(BUILT);
  }
  await server.drop(SEEDED);
  const samples = { polars: sampleOf(theirs), barwright: sampleOf(ours) };
  return [
    {
      id: 'B18',
      what: `every daily EMA of ${assets} assets × ${years} years with polars, to Parquet / full build`,
      goal: null,
      value: samples.polars.medianMs / samples.barwright.medianMs,
      detail: `${(values / 1e6).toFixed(1)} million values; it makes no bars and stores nothing to continue from; newest values equal to 1e-9`,
      samples,
    },
  ];
}

/** One process from start to end, as barwright is timed. Throws where a value differs. */
function recompute(python: string, url: string, assets: number): { durationMs: number; values: number } {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-recompute-'));
  try {
    const startedMs = performance.now();
    const result = spawnSync(python, [SCRIPT, url, folder, String(assets)], {
      timeout: TIMEOUT_MS,
      encoding: 'utf8',
    });
    const durationMs = performance.now() - startedMs;
    if (result.status !== 0)
      throw new Error(`recompute.py: exit ${result.status}; ${result.stdout} values\n${result.stderr}`);
    return { durationMs, values: Number(result.stdout) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
