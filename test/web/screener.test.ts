/** The screener, read in Chromium: every view a link, and the same view as CSV. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
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
import { HOSTILE, HOSTILE_SHOWN } from '../support/dashboard.js';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const ASSETS = 120;
const PATIENCE = { timeout: 30_000 };

describe.runIf(HAS_BROWSER)('the screener', () => {
  let warehouse: Warehouse;
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    const ids = Array.from({ length: ASSETS }, (_, index) => index + 1);
    warehouse = await createWarehouse({}, [{ ids, days: 80 }]);
    await warehouse.execute(`insert into dim_indicator (name) values ('rsi_14')`);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await warehouse.execute(`update dim_assets set symbol = 'S' || id, name = 'asset number ' || id`);
    await warehouse.execute('update dim_assets set symbol = $1 where id = 1', [HOSTILE]);
    server = await startServer([], { url: warehouse.urls.reader });
    browser = await startBrowser(server.url);
  }, 240_000);
  afterEach(() => browser.leave());
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await warehouse?.drop();
  });

  const rowsOf = (page: Page) => page.locator('tbody tr').count();
  const found = (page: Page) => page.getByText(/^\d+( of \d+)? assets/).textContent();

  test('the newest values, light and dark, wide and narrow', async () => {
    const visit = await browser.visit('/screener');
    const { page } = visit;
    await page.locator('tbody tr').first().waitFor();
    expect(await rowsOf(page)).toBe(100);
    expect(await found(page)).toBe(`${ASSETS} assets, the first 100 are shown`);
    await page.getByText(HOSTILE_SHOWN).waitFor();
    const [stored] = await warehouse.query<[number]>(
      `select ema from ema_latest where id = 2 and alignment = 'multi_tf' and tf = '1D' and period = 21`,
    );
    const digits = (stored?.[0] ?? Number.NaN).toLocaleString('en', {
      ...((stored?.[0] ?? 0) >= 1000 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 6 }),
    });
    await page.getByRole('row', { name: / S2 / }).getByText(digits, { exact: true }).waitFor();
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 720 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page, colorScheme === 'light' ? {} : { runOnly: ['color-contrast'] });
      }
      await expectNothingCut(page);
      await expectQuiet(visit);
    }
  });

  test('by keyboard: timeframe, filter, order, an asset; the address has the view', async () => {
    const visit = await browser.visit('/screener?periods=10,21', { height: 720 });
    const { page } = visit;
    await page.locator('tbody tr').first().waitFor();
    await tabTo(page, page.getByLabel('Timeframe'));
    await page.keyboard.press('ArrowDown');
    await page.waitForURL(/tf=2D/);
    await tabTo(page, page.getByText(/^Indicators:/));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByLabel('rsi_14'));
    await page.keyboard.press('Space');
    await page.waitForURL(/indicators=rsi_14/);
    await page.getByRole('columnheader', { name: 'rsi_14' }).waitFor();
    await tabTo(page, page.getByLabel(/^Where/));
    await page.keyboard.type('id > 60');
    await page.keyboard.press('Enter');
    await page.waitForURL(/where=id/);
    await expect.poll(() => found(page), PATIENCE).toBe(`60 of ${ASSETS} assets`);
    await tabTo(page, page.getByRole('button', { name: 'rsi_14' }));
    await page.keyboard.press('Enter');
    await page.waitForURL(/sort=rsi_14/);
    await expect
      .poll(() => page.getByRole('columnheader', { name: 'rsi_14' }).getAttribute('aria-sort'), PATIENCE)
      .toBe('ascending');
    await page.locator('.is-old').waitFor({ state: 'detached' });
    const texts = () => page.locator('tbody').textContent();
    const before = await expect.poll(texts, PATIENCE).not.toBe('').then(texts);
    await page.reload();
    await expect.poll(texts, PATIENCE).toBe(before);
    await tabTo(page, page.locator('tbody a').first());
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/assets\/\d+\?tf=2D&emas=10%2C21&indicators=rsi_14/);
    await page.locator('.chart canvas').first().waitFor();
    await expectQuiet(visit);
  });

  test('the CSV is the view', async () => {
    const visit = await browser.visit('/screener?tf=7D&periods=10&where=change>0&sort=change&down=1&all=1');
    const { page } = visit;
    await page.locator('tbody tr').first().waitFor();
    const ids = (await page.locator('tbody tr td:first-child').allTextContents()).map(Number);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'This view as CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines[0]).toBe('id,symbol,name,health,health_why,day,close,change,ema_10,distance_10');
    expect(lines.slice(1).map((line) => Number(line.split(',')[0]))).toEqual(ids);
    expect(ids.length).toBeGreaterThan(1);
    await expectQuiet(visit);
  });

  test('health: a column that sorts and filters, in words; the kind of EMAs has a choice', async () => {
    await warehouse.execute(
      `insert into asset_quarantine (id, component, failures, last_run, last_failed_at, reason, quarantined_at)
       values (2, 'bars', 5, gen_random_uuid(), now(), 'of this test', now())`,
    );
    const visit = await browser.visit('/screener?periods=10', { height: 720 });
    const { page } = visit;
    const rows = page.locator('tbody tr');
    await page.getByRole('row', { name: / S2 .*bad: quarantined/ }).waitFor();
    await tabTo(page, page.getByRole('button', { name: 'health' }));
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.waitForURL(/sort=health&down=1/);
    await expect.poll(() => rows.first().textContent(), PATIENCE).toContain('bad: quarantined');
    await page.getByLabel('Health').focus();
    await page.keyboard.type('b');
    await page.waitForURL(/health=bad/);
    await expect.poll(() => found(page), PATIENCE).toBe(`1 of ${ASSETS} assets`);
    await page.getByText(/^EMAs:/).press('Enter');
    await page.getByLabel('Kind').selectOption('ema_bar');
    await page.waitForURL(/kind=ema_bar/);
    await page.getByRole('columnheader', { name: 'ema_bar 10' }).waitFor();
    await page.getByRole('link', { name: 'S2', exact: true }).click();
    await page.waitForURL(/\/assets\/2\?.*kind=ema_bar/);
    await expectQuiet(visit);
    await warehouse.execute('delete from asset_quarantine');
  });

  test('what is not understood is said in a sentence, and repaired in the field', async () => {
    const { page, strangers } = await browser.visit('/screener');
    await page.locator('tbody tr').first().waitFor();
    const where = page.getByLabel(/^Where/);
    await where.fill('price < 3');
    await where.press('Enter');
    await page.getByRole('alert').getByText('where knows no column "price"').waitFor();
    await expectAccessible(page);
    await where.fill('close > 0');
    await where.press('Enter');
    await page.locator('tbody tr').first().waitFor();
    expect(strangers).toEqual([]);
  });
});
