/** "Is everything fresh?", read in Chromium on real data. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FreshnessResponse } from '../../src/web/api-freshness-types.js';
import {
  type Browser,
  expectAccessible,
  expectQuiet,
  HAS_BROWSER,
  startBrowser,
} from '../support/browser.js';
import { createDashboard, type Dashboard, HOSTILE } from '../support/dashboard.js';

describe.runIf(HAS_BROWSER)('the freshness page', () => {
  let dashboard: Dashboard;
  let browser: Browser;
  beforeAll(async () => {
    dashboard = await createDashboard();
    browser = await startBrowser(dashboard.server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await dashboard?.close();
  });

  test('every asset stands there with every table; a cell tells status, age, lag and reason', async () => {
    const visit = await browser.visit('/');
    const { page } = visit;
    const data = await dashboard.server.get<FreshnessResponse>('/api/freshness');
    await page.getByRole('grid').waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(data.assets.id.length);
    expect(await page.getByRole('gridcell').count()).toBe(data.assets.id.length * data.tables.length);
    const three = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: / 3$/ }) });
    const cell = three.getByRole('gridcell').first();
    await cell.hover();
    const index = data.assets.id.indexOf(3);
    const told = (await page.getByTestId('told').textContent()) ?? '';
    expect(told).toContain(`lag ${data.cells.bars_1d.lagDays[index]} days`);
    expect(told).toContain(data.reasons[data.cells.bars_1d.reason[index] ?? -1]);
    expect(await cell.getAttribute('aria-label')).toBe(told);
    await expectAccessible(page);
    await expectQuiet(visit);
  });

  test('a hostile name is text', async () => {
    const visit = await browser.visit('/?search=script');
    const { page } = visit;
    await page.getByRole('grid').waitFor();
    const shown = await page.getByRole('rowheader').textContent();
    expect(shown).toContain(HOSTILE.replace('\u202e', '\ufffd'));
    expect(await page.locator('main script').count()).toBe(0);
    await expectQuiet(visit);
  });
});
