/** "What did the last run do?", read in Chromium: a failed run as it moves, a refresh by a button, a database that is away. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunResponse } from '../../src/web/api/api-types.js';
import {
  type Browser,
  expectAccessible,
  expectQuiet,
  HAS_BROWSER,
  startBrowser,
} from '../support/browser.js';
import { holdTable } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { type DatabaseProxy, startProxy } from '../support/proxy.js';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const PATIENCE = { timeout: 30_000 };

describe.runIf(HAS_BROWSER)('the pages of runs', () => {
  let warehouse: Warehouse;
  let proxy: DatabaseProxy;
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    warehouse = await createWarehouse({}, [{ ids: [1, 2, 3], days: 40, endsDaysAgo: 2 }]);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await warehouse.execute(`update dim_assets set symbol = '<b>two</b>' where id = 2`);
    proxy = await startProxy(warehouse.urls.runner);
    server = await startServer(['--allow-run'], { url: proxy.url });
    browser = await startBrowser(server.url);
  });
  afterEach(() => browser.leave());
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await proxy?.close();
    await warehouse?.drop();
  });

  test('a failed run seen live, through a reload in the middle, to its end', async () => {
    await writePrices(warehouse.database, { ids: [1, 2, 3], days: 1 });
    await warehouse.execute(
      `update cmc_price_histories7 set volume = 1.5e308 where id = 2 and timestamp::date > current_date - 9`,
    );
    const visit = await browser.visit('/runs');
    const { page } = visit;
    await page.getByText('no run in progress').waitFor();
    const release = await holdTable(warehouse.database, 'ema_points');
    const running = warehouse.run(['refresh', '--all', '--continue-on-error']);
    const panel = page.getByRole('region', { name: 'Run in progress' });
    try {
      await panel.getByText('3 of 3 assets').waitFor();
      await panel.getByText('0 of 2 assets').waitFor();
      expect(await panel.textContent()).toMatch(
        /bars .*1 failed, [\d.]+ assets\/s, ended.*time left not known yet/,
      );
      expect(await panel.getByRole('row', { name: /<b>two<\/b>/ }).textContent()).toMatch(/Infinity/);
      await page.reload();
      await panel.getByText('0 of 2 assets').waitFor();
      await panel.getByRole('link', { name: 'refresh --all' }).click();
      await page.getByRole('heading', { name: /^Run of/ }).waitFor();
      await panel.getByText('0 of 2 assets').waitFor();
      await expectAccessible(page);
    } finally {
      await release();
      await running;
    }
    await panel.waitFor({ state: 'detached' });
    const { run } = await server.get<RunResponse>('/api/runs/last');
    await page.getByText(run.verdict ?? 'no verdict').waitFor();
    const rows = page.getByRole('region', { name: 'Components of the run' }).getByRole('row');
    for (const [index, stage] of run.stages.entries()) {
      const cells = await rows
        .nth(index + 1)
        .getByRole('cell')
        .allTextContents();
      expect([cells[0], cells[1], ...cells.slice(3)]).toEqual([
        stage.component,
        stage.status,
        ...[stage.rowsNeeded, stage.rowsWritten, stage.ok, stage.failed, stage.skipped].map((n) =>
          n.toLocaleString('en'),
        ),
      ]);
      expect(cells[2]).toMatch(/^(< )?[\d.]+ s median (< )?[\d.]+ s/);
    }
    const undone = page.getByRole('region', { name: 'Assets that were not done' }).getByRole('row');
    expect(await undone.count()).toBe(run.assets.length + 1);
    await expectAccessible(page);
    await expectQuiet(visit);
  });

  test('the button wants the token, starts a refresh, and tells what became of it', async () => {
    const visit = await browser.visit('/plan');
    const { page } = visit;
    await page.getByTestId('plan-counts').waitFor();
    expect(await page.getByTestId('plan-counts').textContent()).toContain('bars');
    await page.getByLabel(/^Token/).fill('wrong-wrong-wrong-wrong');
    await page.getByRole('button', { name: 'Start a refresh' }).press('Enter');
    await page.getByText(/token/i).nth(1).waitFor();
    expect(visit.complaints.splice(0).join()).toMatch(/40[13]/);
    await page.getByLabel(/^Token/).fill(server.token ?? '');
    await page.getByLabel(/^Token/).press('Enter');
    await page.getByText('A refresh was started').waitFor();
    await page.getByText(/The refresh started here ended/).waitFor(PATIENCE);
    await expectAccessible(page);
    await expectQuiet(visit);
  });

  test('the database goes away: the page says so, keeps what it has, and recovers by itself', async () => {
    const visit = await browser.visit('/runs', { width: 375 });
    const { page } = visit;
    const table = page.getByRole('region', { name: 'The last runs' });
    await table.waitFor();
    proxy.pause();
    proxy.cut();
    await page.getByText(/^The database is away since .* UTC/).waitFor(PATIENCE);
    expect(await table.isVisible()).toBe(true);
    await page.getByRole('link', { name: 'Freshness' }).click();
    await page.getByRole('alert').waitFor(PATIENCE);
    proxy.resume();
    await page.getByRole('grid').waitFor(PATIENCE);
    await expect.poll(() => page.getByText(/^The database is away/).count(), PATIENCE).toBe(0);
    expect(visit.complaints.every((text) => text.includes('503'))).toBe(true);
    visit.complaints.length = 0;
    await expectQuiet(visit);
  });
});
