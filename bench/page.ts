/**
 * How long until a page of the dashboard stands on the screen, beside an empty document of the same server.
 *
 *   node --import ./test/support/run-typescript.mjs bench/page.ts [ADDRESS] [ID]
 *
 * ADDRESS: of a running `barwright serve` (http://127.0.0.1:4747/); ID: the asset whose chart is drawn (1). Needs Chromium.
 * Prints the median of seven loads with nothing cached, in milliseconds. Nothing is asserted: the figures belong to a machine.
 */
import { cpus } from 'node:os';
import { type BrowserContext, chromium } from 'playwright-core';

const LOADS = 7;
const WAIT_MS = 30_000;
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

const base = process.argv[2] ?? 'http://127.0.0.1:4747/';
const id = process.argv[3] ?? '1';
const PAGES = [
  ['empty document', '/icon.svg', 'svg'],
  ['freshness', '/', '.grid-body .grid-row'],
  ['runs', '/runs', 'table'],
  ['asset, 1D and three EMAs', `/assets/${id}?tf=1D&emas=10,21,50`, '.chart canvas'],
  ['asset, 7D and three EMAs', `/assets/${id}?tf=7D&emas=10,21,50`, '.chart canvas'],
  ['plan', '/plan', '[data-testid=plan-counts]'],
] as const;

/** From the beginning of the navigation until two frames after the content is there. */
async function loadMs(context: BrowserContext, path: string, content: string): Promise<number> {
  const page = await context.newPage();
  try {
    const startedMs = performance.now();
    await page.goto(new URL(path, base).href, { waitUntil: 'commit' });
    await page.locator(content).first().waitFor({ timeout: WAIT_MS });
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    return performance.now() - startedMs;
  } finally {
    await page.close();
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: FLAGS,
  timeout: WAIT_MS,
});
try {
  console.log(`${cpus().length} × ${cpus()[0]?.model}`);
  for (const [name, path, content] of PAGES) {
    const timesMs: number[] = [];
    for (let load = 0; load < LOADS; load += 1) {
      const context = await browser.newContext();
      timesMs.push(await loadMs(context, path, content));
      await context.close();
    }
    const medianMs = timesMs.sort((a, b) => a - b)[Math.floor(LOADS / 2)] ?? Number.NaN;
    console.log(`${name.padEnd(26)} ${medianMs.toFixed(0).padStart(6)} ms`);
  }
} finally {
  await browser.close();
}
