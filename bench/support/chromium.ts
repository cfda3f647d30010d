/** A Chromium for the bench, with nothing kept between two loads. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const WAIT_MS = 60_000;
/** A new window loads pages of the browser's own first. A person's is open already. */
const WINDOW_MS = 1_500;
const PAINT_TOLD_MS = 10_000;
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** null: there is none here; CHROMIUM names one. */
export async function launchChromium(): Promise<Browser | null> {
  if (!existsSync(PROGRAM)) return null;
  return chromium.launch({ executablePath: PROGRAM, args: FLAGS, timeout: WAIT_MS });
}

/** Milliseconds since the navigation began, by the clock of the page. */
export interface Load {
  firstPaintMs: number;
  firstContentfulPaintMs: number;
  /** What the page is there for can be seen. */
  contentMs: number;
}

/** Loads a page in a profile of its own, and does `more` with it when it is there. */
export async function loadPage(
  browser: Browser,
  { url, content }: { url: string; content: string },
  more: (page: Page) => Promise<void> = async () => {},
): Promise<Load> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    await page.waitForTimeout(WINDOW_MS);
    await page.goto(url, { waitUntil: 'commit' });
    await page.locator(content).first().waitFor({ timeout: WAIT_MS });
    const load = (await page.evaluate(READ_LOAD)) as Load;
    await more(page);
    return load;
  } finally {
    await context.close();
  }
}

/** Two frames later it has been painted; on a quiet machine the browser reports its first paint after that. */
const READ_LOAD = `(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
  const contentMs = performance.now();
  const paintOf = async (name) => {
    for (;;) {
      const [entry] = performance.getEntriesByName(name, 'paint');
      if (entry !== undefined) return entry.startTime;
      if (performance.now() > contentMs + ${PAINT_TOLD_MS}) throw new Error('the browser tells of no ' + name + ' of ' + location.href);
      await frame();
    }
  };
  return { firstPaintMs: await paintOf('first-paint'), firstContentfulPaintMs: await paintOf('first-contentful-paint'), contentMs };
})()`;

/** Milliseconds between frames while `step` (the text of a function of the frame's number) runs in each of them. */
export async function watchFrames(page: Page, step: string, frames: number): Promise<number[]> {
  return (await page.evaluate(`(async () => {
    const step = ${step};
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const gaps = [];
    let before = await frame();
    for (let number = 0; number < ${frames}; number += 1) {
      step(number);
      const now = await frame();
      gaps.push(now - before);
      before = now;
    }
    return gaps;
  })()`)) as number[];
}
