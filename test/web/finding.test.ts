/** Finding an asset from everywhere, favourites, and two assets beside each other by index. */
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
import { legendOf } from '../support/chart-page.js';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const PATIENCE = { timeout: 30_000 };

describe.runIf(HAS_BROWSER)('assets are found', () => {
  let warehouse: Warehouse;
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    warehouse = await createWarehouse({}, [{ ids: [1, 2, 3, 4], days: 400 }]);
    // The third one moves otherwise.
    await warehouse.execute(
      `update cmc_price_histories7 set (open, high, low, close) = (select p, p * 1.01, p * 0.99, p
         from (select 5 + 2 * sin(extract(epoch from timestamp) / 86400 / 9) as p) x) where id = 3`,
    );
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await warehouse.execute(
      `update dim_assets a set symbol = n.symbol, name = n.name
       from (values (1, 'BTC', 'Bitcoin'), (2, 'WBTC', 'Wrapped Bitcoin'), (3, 'ETH', 'Ether'), (4, 'XBT', 'Other'))
         n (id, symbol, name) where n.id = a.id`,
    );
    server = await startServer([], { url: warehouse.urls.reader });
    browser = await startBrowser(server.url);
  });
  afterEach(() => browser.leave());
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await warehouse?.drop();
  });

  const optionsOf = (page: Page) => page.locator('.found [role=option]').allTextContents();
  const drawn = (page: Page) => page.locator('.chart canvas').first().waitFor();

  test('/ from any page, then the symbol, arrows and Enter; Escape leaves', async () => {
    const visit = await browser.visit('/runs');
    const { page } = visit;
    await page.locator('h1').waitFor();
    await page.keyboard.press('/');
    const field = page.getByRole('combobox', { name: /^Find an asset/ });
    expect(await field.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.type('btc');
    // With the health of each, once it is known.
    await expect
      .poll(() => optionsOf(page), PATIENCE)
      .toEqual(['●good BTC 1 Bitcoin', '●good WBTC 2 Wrapped Bitcoin']);
    await expectAccessible(page);
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('.found [aria-selected=true]').textContent()).toContain('WBTC');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/assets\/2$/);
    await drawn(page);
    await page.keyboard.press('/');
    await page.locator('.found [role=option]').first().waitFor();
    await page.setViewportSize({ width: 375, height: 720 });
    await expectNothingCut(page);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    expect(await page.locator('.found [role=option]').count()).toBe(0);
    // Outside of the field the key is a step again.
    await page.keyboard.press('n');
    await page.waitForURL(/\/assets\/3$/);
    await expectQuiet(visit);
  });

  test('favourites are marked by a button, kept, and stand first', async () => {
    const visit = await browser.visit('/assets/3?tf=7D');
    const { page } = visit;
    await drawn(page);
    const star = page.getByRole('button', { name: 'Favourite' });
    await tabTo(page, star);
    await page.keyboard.press('Enter');
    expect(await star.getAttribute('aria-pressed')).toBe('true');
    await page.reload();
    await drawn(page);
    expect(await star.getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('/');
    await page.locator('.found [role=option]').first().waitFor();
    expect((await optionsOf(page))[0]).toContain('ETH');
    await page.goto(new URL('/assets', server.url).href);
    await page.locator('.choice li').first().waitFor();
    expect(await page.locator('.choice li').first().textContent()).toMatch(/ETH/);
    await page.goto(new URL('/assets/3', server.url).href);
    await star.click();
    await expect.poll(() => star.getAttribute('aria-pressed'), PATIENCE).toBe('false');
    await expectQuiet(visit);
  });

  test('two assets by index: both are 100 at the left edge, and the address names the other', async () => {
    const visit = await browser.visit('/assets/1?tf=1D&emas=none');
    const { page } = visit;
    await drawn(page);
    const field = page.getByRole('combobox', { name: 'Compare with, by index' });
    await tabTo(page, field);
    await page.keyboard.type('eth');
    await page.locator('.found [role=option]', { hasText: 'ETH' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/compare=3/);
    await expect.poll(() => legendOf(page), PATIENCE).toMatch(/ETH .*, index/);
    const expectIndex = async () => {
      const legend = await legendOf(page);
      const base = /\(100 on (\d{4}-\d\d-\d\d)\)/.exec(legend)?.[1] ?? '';
      const day = legend.slice(0, 10);
      const rows = await warehouse.query<[number, number]>(
        `select id, (max(close) filter (where timestamp::date = $2::date)
           / max(close) filter (where timestamp::date = $1::date)) * 100
         from cmc_price_bars_1d where id in (1, 3) group by id order by id`,
        [base, day],
      );
      const [own, other] = rows.map(([, index]) =>
        index.toLocaleString('en', { maximumSignificantDigits: 6 }),
      );
      expect(legend).toContain(`index ${own} (100 on ${base})`);
      expect(legend).toContain(`, index ${other}`);
      return base;
    };
    const chart = page.getByRole('application');
    const first = await expectIndex();
    await chart.press('Shift+ArrowLeft');
    await expect.poll(() => legendOf(page), PATIENCE).not.toContain(`100 on ${first}`);
    const earlier = await expectIndex();
    expect(earlier < first).toBe(true);
    await page.reload();
    await drawn(page);
    await expect.poll(() => legendOf(page), PATIENCE).toMatch(/ETH .*, index/);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Compare with none' }).click();
    await expect.poll(() => legendOf(page), PATIENCE).not.toContain('index');
    await expectQuiet(visit);
  });
});
