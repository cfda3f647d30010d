/** B12: how long until the pages of the dashboard stand there, and whether they move smoothly, beside an empty document. */
import type { Browser } from 'playwright-core';
import { type Load, launchChromium, loadPage, watchFrames } from '../support/chromium.js';
import type { Finding } from '../support/findings.js';
import { medianOf } from '../support/measure.js';
import { refresh } from '../support/program.js';
import { type BenchServer, settle, withClient } from '../support/server.js';
import { serveDashboard } from '../support/serving.js';
import { createSeeded, lengthenHistories } from '../support/warehouse.js';

const NAME = 'pages';
/** Runs before, so that there is a list of them with medians. */
const RUNS = 5;
const LONG_HISTORIES = 10;
const FRAMES = 240;
const SLOW_FRAME_MS = 50;
const PERCENT = 100;

interface PageCase {
  name: string;
  path: string;
  content: string;
  /** Most times as long as an empty document until its content is there. */
  most?: number;
}

const EMPTY: PageCase = { name: 'empty document', path: 'icon.svg', content: 'svg' };
const PAGES: readonly PageCase[] = [
  { name: 'freshness', path: '', content: '.grid-body .grid-row' },
  { name: 'runs', path: 'runs', content: 'tbody tr' },
  {
    name: 'asset, 7D and three EMAs',
    path: 'assets/1?tf=7D&emas=10,21,50',
    content: '.chart canvas',
    most: 4,
  },
  {
    name: 'asset, 1D and three EMAs',
    path: 'assets/1?tf=1D&emas=10,21,50',
    content: '.chart canvas',
    most: 4,
  },
  { name: 'screener, 1D and three EMAs', path: 'screener?periods=21,50,200', content: 'tbody tr', most: 6 },
  {
    name: 'screener, crossed within 20 bars',
    path: 'screener?periods=21,50&crossed=20&order=up',
    content: 'main [role=status]',
    most: 6,
  },
  { name: 'plan', path: 'plan', content: '[data-testid=plan-counts]' },
];

interface Motion {
  name: string;
  page: PageCase;
  /** What is done in each frame: a function of its number. */
  step: string;
}

const MOTIONS: readonly Motion[] = [
  {
    name: 'scrolling through the freshness of all assets',
    page: { name: '', path: '', content: '.grid-body .grid-row' },
    step: `(number) => {
      const grid = document.querySelector('.grid');
      grid.scrollTop = (number * 120) % (grid.scrollHeight - grid.clientHeight);
    }`,
  },
  {
    name: 'panning all of 1D with three EMAs',
    page: { name: '', path: 'assets/1?tf=1D&emas=10,21,50&range=all', content: '.chart canvas' },
    step: `(number) => {
      const key = number % 4 < 2 ? 'ArrowLeft' : 'ArrowRight';
      document.querySelector('.chart').dispatchEvent(
        new KeyboardEvent('keydown', { key, shiftKey: true, bubbles: true, cancelable: true }));
    }`,
  },
];
/** The same loop with nothing to do. */
const IDLE = '() => {}';

interface PagesScale {
  assets: number;
  years: number;
  loads: number;
}

/** First paint and frames; nothing where there is no Chromium, and then it is said. */
export async function measurePages(server: BenchServer, scale: PagesScale): Promise<Finding[]> {
  const browser = await launchChromium();
  if (browser === null) {
    console.log('[INFO] B12 left out: no Chromium here (CHROMIUM names one)');
    return [];
  }
  try {
    const findings = await measureServed(browser, await fill(server, scale), scale);
    await server.drop(NAME);
    return findings;
  } finally {
    await browser.close();
  }
}

async function measureServed(browser: Browser, url: string, scale: PagesScale): Promise<Finding[]> {
  const served = await serveDashboard(url);
  try {
    return [
      ...(await measureLoads(browser, served.url, scale)),
      ...(await measureMotions(browser, served.url)),
    ];
  } finally {
    await served.stop();
  }
}

async function fill(server: BenchServer, { assets, years }: PagesScale): Promise<string> {
  const url = server.url(NAME);
  const seeded = await createSeeded(server, NAME, { assets, years: 1 });
  await lengthenHistories(url, seeded, { assets: LONG_HISTORIES, years });
  for (let run = 0; run <= RUNS; run += 1) await refresh(url, ['-n', '2']);
  await withClient(url, (client) =>
    client.query(`update dim_assets set symbol = 'S' || id, name = 'asset number ' || id`),
  );
  await settle(url);
  return url;
}

/** In turn, so that what disturbs the machine disturbs all of them. */
async function measureLoads(browser: Browser, base: string, scale: PagesScale): Promise<Finding[]> {
  const loads = new Map<string, Load[]>();
  for (let load = 0; load < scale.loads; load += 1)
    for (const { name, path, content } of [EMPTY, ...PAGES]) {
      const found = await loadPage(browser, { url: new URL(path, base).href, content });
      loads.set(name, [...(loads.get(name) ?? []), found]);
    }
  const median = (name: string, time: keyof Load) =>
    medianOf((loads.get(name) ?? []).map((each) => each[time]));
  const words = (name: string) =>
    `first paint ${median(name, 'firstPaintMs').toFixed(0)} ms, contentful ${median(name, 'firstContentfulPaintMs').toFixed(0)} ms, its content ${median(name, 'contentMs').toFixed(0)} ms`;
  const empty = words(EMPTY.name);
  return PAGES.flatMap(({ name, most }) => {
    const ratio = (what: string, time: keyof Load) => ({
      id: 'B12',
      what: `${name}: ${what} / an empty document`,
      goal: time === 'contentMs' && most !== undefined ? { atMost: most } : null,
      value: median(name, time) / median(EMPTY.name, time),
    });
    const detail = `${words(name)}; empty document: ${empty}; ${scale.loads} loads, ${scale.assets} assets, ${scale.years} years of ${LONG_HISTORIES} of them`;
    return [
      { ...ratio('first paint', 'firstPaintMs'), detail: '' },
      { ...ratio('content', 'contentMs'), detail },
    ];
  });
}

async function measureMotions(browser: Browser, base: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, page, step } of MOTIONS) {
    const moving = await framesOf(
      browser,
      { url: new URL(page.path, base).href, content: page.content },
      step,
    );
    const idle = await framesOf(
      browser,
      { url: new URL(EMPTY.path, base).href, content: EMPTY.content },
      IDLE,
    );
    const words = (gaps: number[]) =>
      `${slowShare(gaps).toFixed(1)} % of ${gaps.length} frames over ${SLOW_FRAME_MS} ms, median ${medianOf(gaps).toFixed(1)} ms, longest ${Math.max(...gaps).toFixed(0)} ms`;
    findings.push({
      id: 'B12',
      what: `${name}: frames over ${SLOW_FRAME_MS} ms beyond those of an empty document, %`,
      goal: { atMost: 5 },
      value: Math.max(0, slowShare(moving) - slowShare(idle)),
      detail: `${words(moving)}; empty document: ${words(idle)}`,
    });
    findings.push({
      id: 'B12',
      what: `${name}: a frame / one of an empty document`,
      goal: null,
      value: medianOf(moving) / medianOf(idle),
      detail: '',
    });
  }
  return findings;
}

async function framesOf(
  browser: Browser,
  where: { url: string; content: string },
  step: string,
): Promise<number[]> {
  let gaps: number[] = [];
  await loadPage(browser, where, async (page) => {
    gaps = await watchFrames(page, step, FRAMES);
  });
  return gaps;
}

function slowShare(gaps: readonly number[]): number {
  return (PERCENT * gaps.filter((gap) => gap > SLOW_FRAME_MS).length) / gaps.length;
}
