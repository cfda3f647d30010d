/** A real Chromium that reads the dashboard, and a watch over everything that it complains about or asks for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { note } from './note.js';
import { findProgram } from './programs.js';

const PROGRAM = ['chromium', 'chromium-browser', 'google-chrome']
  .map(findProgram)
  .find((path) => path !== null);
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WAIT_MS = 20_000;
const MOST_STOPS = 60;

/** Whether there is a Chromium; where there is none, it is said that its tests were left out. */
export const HAS_BROWSER = PROGRAM !== undefined;
if (!HAS_BROWSER) note('[INFO] left out: tests of the dashboard in a browser (no chromium here)');

export interface Visit {
  page: Page;
  /** Errors of the console, exceptions, violations of the policy, answers of 400 and more: what a page must not have. */
  complaints: string[];
  /** Addresses of requests that were not for the server of the page. */
  strangers: string[];
  /** Paths that the page asked its server for, since it was opened. */
  asked: string[];
}

export interface Browser {
  /** A new page at a path of the server, watched from its first byte. */
  visit(path: string, options?: VisitOptions): Promise<Visit>;
  /** Closes all pages. A browser has six connections for a server, and each page listens on one. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

export interface VisitOptions {
  width?: number;
  height?: number;
  scheme?: 'light' | 'dark';
}

/** Starts Chromium with nothing kept of earlier ones. `base` is the address of the server. */
export async function startBrowser(base: string): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-chromium-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: PROGRAM ?? '',
    args: FLAGS,
    acceptDownloads: true,
    viewport: { width: 1280, height: 800 },
    timezoneId: 'America/New_York',
    timeout: WAIT_MS,
  });
  context.setDefaultTimeout(WAIT_MS);
  return {
    visit: (path, options = {}) => visit(context, new URL(path, base).href, options),
    async leave() {
      for (const page of context.pages().slice(1)) await page.close();
    },
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function visit(context: BrowserContext, url: string, options: VisitOptions): Promise<Visit> {
  const page = await context.newPage();
  const { width = 1280, height = 800, scheme = 'light' } = options;
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  const { origin } = new URL(url);
  const seen: Visit = { page, complaints: [], strangers: [], asked: [] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  page.on('request', (request) => {
    const address = new URL(request.url());
    if (address.origin === origin) seen.asked.push(address.pathname);
    else if (/^https?:$/.test(address.protocol)) seen.strangers.push(request.url());
  });
  await page.goto(url);
  return seen;
}

/** Fails when the page complained, asked anybody else, or is wider than the screen. */
export async function expectQuiet({ page, complaints, strangers }: Visit): Promise<void> {
  expect(complaints).toEqual([]);
  expect(strangers).toEqual([]);
  const [content, screen] = (await page.evaluate(
    `[document.documentElement.scrollWidth, document.documentElement.clientWidth]`,
  )) as [number, number];
  expect(content).toBeLessThanOrEqual(screen);
}

/** Fails on every violation that axe calls serious or critical. */
export async function expectAccessible(page: Page, options: { runOnly?: string[] } = {}): Promise<void> {
  // The policy of the page forbids scripts from elsewhere; what the debugger evaluates is none of the page's.
  await page.evaluate(axe.source);
  const found = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as AxeResults;
  const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  expect(found.passes.length).toBeGreaterThan(options.runOnly === undefined ? 10 : 0);
}

/** Fails when something is wider than its room and neither can be scrolled nor says "…". */
export async function expectNothingCut(page: Page): Promise<void> {
  expect(await page.evaluate(`(${findCut})()`)).toEqual([]);
}

/** Runs in the page. */
const findCut = `() => {
  const nameOf = (element) => element.tagName + '.' + element.className + ': ' + element.textContent.slice(0, 40);
  const isHidden = (element) => element.closest('.hidden, .skip, .chart, [hidden]') !== null;
  const scrolls = (element) => {
    for (let each = element.parentElement; each !== null; each = each.parentElement)
      if (/auto|scroll/.test(getComputedStyle(each).overflowX)) return true;
    return false;
  };
  return [...document.querySelectorAll('body *')].filter((element) => {
    if (isHidden(element) || element.getClientRects().length === 0) return false;
    const { overflowX, textOverflow } = getComputedStyle(element);
    const isClipped = overflowX === 'hidden' && textOverflow !== 'ellipsis' &&
      (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
    const { left, right } = element.getBoundingClientRect();
    return isClipped || ((right > innerWidth + 1 || left < -1) && !scrolls(element));
  }).map(nameOf);
}`;

/** Presses Tab until `target` has the focus; every stop on the way must be seen to have it. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let step = 0; step < MOST_STOPS; step++) {
    await page.keyboard.press('Tab');
    const stop = (await page.evaluate(`(${lookAtFocus})()`)) as { name: string; isSeen: boolean };
    expect(stop, 'the focus is visible').toMatchObject({ isSeen: true });
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
  }
  throw new Error(`${target} was not reached within ${MOST_STOPS} stops`);
}

/** Runs in the page: a ring around the element, and the element in sight. */
const lookAtFocus = `() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const isRinged = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
  const isInSight = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  return { name: element.tagName + ' ' + element.textContent.slice(0, 40), isSeen: isRinged && isInSight };
}`;
