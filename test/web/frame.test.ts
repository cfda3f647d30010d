/** What stands around every page: wrong addresses, light and dark by the button, from one asset to the next. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Browser,
  expectAccessible,
  expectNothingCut,
  expectQuiet,
  HAS_BROWSER,
  startBrowser,
  tabTo,
} from '../support/browser.js';
import { createDashboard, type Dashboard } from '../support/dashboard.js';

const GROUNDS = { light: 'rgb(251, 251, 250)', dark: 'rgb(20, 24, 28)' } as const;
const PATIENCE = { timeout: 30_000 };

describe.runIf(HAS_BROWSER)('the frame of every page', () => {
  let dashboard: Dashboard;
  let browser: Browser;
  beforeAll(async () => {
    dashboard = await createDashboard();
    browser = await startBrowser(dashboard.server.url);
  });
  afterEach(() => browser.leave());
  afterAll(async () => {
    await browser?.close();
    await dashboard?.close();
  });

  test('a wrong address and an asset that is not there get a page that says so', async () => {
    for (const [path, words] of [
      ['/nothing/here', 'There is nothing at /nothing/here.'],
      ['/plan/1', 'There is nothing at /plan/1.'],
      ['/assets/999', 'no such asset: 999'],
    ] as const) {
      const { page, complaints, strangers } = await browser.visit(path);
      await page.getByRole('alert').filter({ hasText: words }).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
      }
      await page.setViewportSize({ width: 375, height: 720 });
      await expectNothingCut(page);
      // The browser itself says that something was not there.
      expect(complaints.filter((complaint) => !complaint.includes('404'))).toEqual([]);
      expect(strangers).toEqual([]);
      await page.getByRole('link', { name: /choose an asset/i }).click();
      await page.locator('.choice li').first().waitFor();
    }
    const answer = await dashboard.server.ask('/nothing', { headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/html; charset=UTF-8']);
  });

  test('light and dark by the button, kept over a reload, against the system', async () => {
    const visit = await browser.visit('/assets/4', { scheme: 'dark' });
    const { page } = visit;
    await page.locator('.chart canvas').first().waitFor();
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const button = page.getByRole('button', { name: /^Colours/ });
    await tabTo(page, button);
    await page.keyboard.press('Enter');
    await expect.poll(ground, PATIENCE).toBe(GROUNDS.light);
    await page.reload();
    await page.locator('.chart canvas').first().waitFor();
    expect(await ground()).toBe(GROUNDS.light);
    await expectAccessible(page);
    await button.click();
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(ground, PATIENCE).toBe(GROUNDS.dark);
    await button.click();
    await expect.poll(ground, PATIENCE).toBe(GROUNDS.light);
    await expectQuiet(visit);
  });

  test('previous and next asset by links and keys, shown in the same way', async () => {
    const visit = await browser.visit('/assets/4?scale=linear');
    const { page } = visit;
    await page.locator('.chart canvas').first().waitFor();
    await page
      .getByRole('navigation', { name: 'Previous and next asset' })
      .getByRole('link')
      .first()
      .waitFor();
    await page.keyboard.press('n');
    await page.waitForURL(/\/assets\/5\?scale=linear$/);
    await page.keyboard.press('p');
    await page.waitForURL(/\/assets\/4\?scale=linear$/);
    await tabTo(page, page.getByLabel(/^As of market day/));
    await page.keyboard.type('n');
    expect(page.url()).toMatch(/\/assets\/4\?/);
    await page.getByRole('link', { name: /→$/ }).click();
    await page.waitForURL(/\/assets\/5\?scale=linear$/);
    await page.locator('.chart canvas').first().waitFor();
    await expectQuiet(visit);
  });
});
