/** A real Chromium that reads the dashboard, and a watch over everything that it complains about or asks for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
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

/** Whether there is a Chromium; where there is none, it is said that its tests were left out. */
export const HAS_BROWSER = PROGRAM !== undefined;
if (!HAS_BROWSER) note('[INFO] left out: tests of the dashboard in a browser (no chromium here)');

export interface Visit {
  page: Page;
  /** Errors of the console, exceptions, violations of the policy, answers of 400 and more: what a page must not have. */
  complaints: string[];
  /** Addresses of requests that were not for the server of the page. */
  strangers: string[];
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
  const seen: Visit = { page, complaints: [], strangers: [] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  page.on('request', (request) => {
    const address = new URL(request.url());
    if (/^https?:$/.test(address.protocol) && address.origin !== origin) seen.strangers.push(request.url());
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
export async function expectAccessible(page: Page): Promise<void> {
  // The policy of the page forbids scripts from elsewhere; what the debugger evaluates is none of the page's.
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run()')) as AxeResults;
  const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  expect(found.passes.length).toBeGreaterThan(10);
}
