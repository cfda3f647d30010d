/** "Is everything fresh?", read in Chromium on real data. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FreshnessResponse } from '../../src/web/api/api-freshness-types.js';
import {
  type Browser,
  expectAccessible,
  expectQuiet,
  HAS_BROWSER,
  startBrowser,
} from '../support/browser.js';
import { createDashboard, type Dashboard, HOSTILE_SHOWN } from '../support/dashboard.js';

/** The most rows that were there at once, from now on. */
const WATCH_ROWS = `(() => {
  window.mostRows = 0;
  const body = document.querySelector('.grid-body');
  const count = () => { window.mostRows = Math.max(window.mostRows, body.childElementCount); };
  new MutationObserver(count).observe(body, { childList: true });
})()`;
/** From top to bottom and back, a screen and a half at a time, each step painted. */
const SCROLL_THROUGH = `(async () => {
  const grid = document.querySelector('.grid');
  const paint = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const last = grid.scrollHeight - grid.clientHeight;
  for (let top = 0; top < last; top += 1.5 * grid.clientHeight) { grid.scrollTop = top; await paint(); }
  for (let top = last; top > 0; top -= 4 * grid.clientHeight) { grid.scrollTop = top; await paint(); }
})()`;

const PATIENCE = { timeout: 30_000 };

describe.runIf(HAS_BROWSER)('the freshness page', () => {
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
    const described = (await page.getByTestId('described').textContent()) ?? '';
    expect(described).toContain(`lag ${data.cells.bars_1d.lagDays[index]} days`);
    expect(described).toContain(data.reasons[data.cells.bars_1d.reason[index] ?? -1]);
    expect(await cell.getAttribute('aria-label')).toBe(described);
    await expectAccessible(page);
    await expectQuiet(visit);
  });

  test('a hostile name is text', async () => {
    const visit = await browser.visit('/?search=script');
    const { page } = visit;
    await page.getByRole('grid').waitFor();
    const shown = await page.getByRole('rowheader').textContent();
    expect(shown).toContain(HOSTILE_SHOWN);
    expect(await page.locator('main script').count()).toBe(0);
    await expectQuiet(visit);
  });

  test('a thousand assets: only what is in sight is drawn; keys, search, filter and order; Enter opens the asset', async () => {
    const { warehouse, server } = dashboard;
    await warehouse.execute(
      `insert into dim_assets (id, symbol, name) select id, 'S' || id, 'asset number ' || id from generate_series(1001, 2000) id`,
    );
    const visit = await browser.visit('/?sort=id', { scheme: 'dark' });
    const { page } = visit;
    const { assets, counts, statuses } = await server.get<FreshnessResponse>('/api/freshness');
    const grid = page.getByRole('grid');
    await grid.waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(assets.id.length + 1));
    const drawn = () => page.getByRole('rowheader').count();
    expect(await drawn()).toBeLessThan(80);
    await grid.focus();
    const questions = visit.asked.length;
    await page.evaluate(WATCH_ROWS);
    await page.evaluate(SCROLL_THROUGH);
    await page.keyboard.press('Control+End');
    await page.getByRole('rowheader', { name: /2000$/ }).waitFor();
    const most = (await page.evaluate('window.mostRows')) as number;
    expect(most).toBeGreaterThan(10);
    expect(most).toBeLessThan(80);
    expect(visit.asked.slice(questions)).toEqual([]);
    expect(await page.getByTestId('described').textContent()).toContain('S2000, EMAs v2: never built');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Control+Home');
    await page.getByRole('rowheader', { name: /(^| )ONE 1$/ }).waitFor();
    const never = page.getByRole('button', { name: /^never built/ });
    expect(await never.textContent()).toContain(
      counts[statuses.indexOf('never_built')]?.toLocaleString('en'),
    );
    await never.click();
    expect(await page.getByText(/^1,00\d of 1,007 assets$/).count()).toBe(1);
    await page.getByLabel(/^Search/).fill('s1500');
    await expect.poll(drawn, PATIENCE).toBe(1);
    await page.reload();
    await page.getByRole('rowheader', { name: /(^| )S1500/ }).waitFor();
    expect(await drawn()).toBe(1);
    await expectAccessible(page);
    await grid.press('Enter');
    await page.waitForURL(/\/assets\/1500$/);
    await page.getByRole('heading', { name: /S1500/ }).waitFor();
    await expectQuiet(visit);
  });

  test('375 px wide, and the plan of it all', async () => {
    const visit = await browser.visit('/', { width: 375, height: 700 });
    await visit.page.getByRole('grid').waitFor();
    await expectAccessible(visit.page);
    await visit.page.getByRole('link', { name: 'Plan' }).click();
    const counts = (await visit.page.getByTestId('plan-counts').textContent()) ?? '';
    const { plan } = await dashboard.cli('plan', '--all');
    const rebuilt = plan.filter(
      (each: { component: string; action: string }) => each.component === 'bars' && each.action === 'append',
    ).length;
    expect(counts).toContain(`bars: append ${rebuilt}`);
    expect(await visit.page.getByRole('button', { name: 'Start a refresh' }).count()).toBe(0);
    await expectAccessible(visit.page);
    await expectQuiet(visit);
  });
});
