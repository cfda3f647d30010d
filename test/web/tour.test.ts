/** Every page in every guise: light and dark, wide and narrow, and with the keyboard alone. */
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
import { createDashboard, type Dashboard, HOSTILE, HOSTILE_SHOWN } from '../support/dashboard.js';
import { startServer } from '../support/serving.js';

const GROUNDS = { light: 'rgb(251, 251, 250)', dark: 'rgb(20, 24, 28)' } as const;
const WIDTHS = [1280, 375] as const;
const PATIENCE = { timeout: 30_000 };

interface Stop {
  name: string;
  path: string;
  /** What shows that the page has its data. */
  content: string;
}

const STOPS: readonly Stop[] = [
  { name: 'freshness', path: '/', content: '.grid-body .grid-row' },
  { name: 'freshness without a match', path: '/?search=nobody', content: '.empty button' },
  { name: 'runs', path: '/runs', content: 'tbody tr' },
  { name: 'one run', path: '/runs/last', content: 'dl' },
  { name: 'the choice of an asset', path: '/assets', content: '.choice li' },
  { name: 'an asset', path: '/assets/4?emas=10,21', content: '.chart canvas' },
  { name: 'an asset without bars', path: '/assets/2', content: '.empty' },
  { name: 'screener', path: '/screener', content: 'tbody tr' },
  { name: 'alerts', path: '/alerts', content: 'p.quiet' },
  { name: 'plan', path: '/plan?idle=1', content: 'tbody tr' },
];

describe.runIf(HAS_BROWSER)('every page', () => {
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

  test.each(STOPS)('$name: light and dark, wide and narrow', async ({ path, content }) => {
    const visit = await browser.visit(path);
    const { page } = visit;
    await page.locator(content).first().waitFor();
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 720 });
      for (const [scheme, ground] of Object.entries(GROUNDS)) {
        await page.emulateMedia({ colorScheme: scheme as keyof typeof GROUNDS });
        expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
          ground,
        );
        // What is not about colours is the same in the other scheme.
        const isWhole = (scheme === 'light') === (width === 1280);
        await expectAccessible(page, isWhole ? {} : { runOnly: ['color-contrast'] });
      }
      await expectNothingCut(page);
      await expectQuiet(visit);
    }
  });

  const headingOf = (page: Page) => page.getByRole('heading', { level: 1 });

  test('freshness by keyboard: past the menu, filter, order, through the grid, to an asset', async () => {
    const visit = await browser.visit('/', { height: 720 });
    const { page } = visit;
    await page.getByRole('grid').waitFor();
    await tabTo(page, page.getByRole('link', { name: 'Skip to the content' }));
    await page.keyboard.press('Enter');
    const failed = page.getByRole('button', { name: /^failed/ });
    await tabTo(page, failed);
    await page.keyboard.press('Space');
    await expect.poll(() => page.getByRole('rowheader').count(), PATIENCE).toBe(1);
    await page.keyboard.press('Space');
    await tabTo(page, page.getByLabel(/^Search/));
    await page.keyboard.type('ONE');
    await expect.poll(() => page.getByRole('rowheader').count(), PATIENCE).toBe(1);
    await tabTo(page, page.getByLabel('Order'));
    await page.keyboard.press('ArrowDown');
    await page.waitForURL(/sort=id/);
    await tabTo(page, page.getByRole('grid'));
    expect(await page.getByTestId('described').textContent()).toMatch(
      /^ONE .*: source up to .*, (compared with it on \d{4}-|not compared with it since it was built)/,
    );
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.grid-cell.is-active').count()).toBe(1);
    expect(await page.getByTestId('described').textContent()).toMatch(/^ONE, 1D: .*age .*lag 0 days/);
    await page.keyboard.press('Enter');
    await expect.poll(() => headingOf(page).textContent(), PATIENCE).toContain('ONE');
    await expectQuiet(visit);
  });

  test('runs by keyboard: a run, and an asset that failed in it', async () => {
    const visit = await browser.visit('/runs', { height: 720 });
    const { page } = visit;
    await page.locator('tbody tr').first().waitFor();
    await tabTo(page, page.locator('tbody a').first());
    await page.keyboard.press('Enter');
    await expect
      .poll(() => headingOf(page).textContent(), PATIENCE)
      .toMatch(/^Run of \d{4}-\d\d-\d\d .* UTC$/);
    await tabTo(
      page,
      page.getByRole('region', { name: 'Assets that were not done' }).getByRole('link').first(),
    );
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/assets\/6$/);
    await page.getByRole('complementary', { name: 'Explanation' }).getByText('failed').first().waitFor();
    await expectQuiet(visit);
  });

  test('an asset by keyboard: timeframe, past day, EMAs, bars, CSV', async () => {
    const visit = await browser.visit('/assets/4', { width: 375, height: 720, scheme: 'dark' });
    const { page } = visit;
    const chart = page.getByRole('application');
    await chart.locator('canvas').first().waitFor();
    await tabTo(page, page.getByLabel('Timeframe'));
    await page.keyboard.press('ArrowDown');
    await page.waitForURL(/tf=/);
    const day = page.getByLabel(/^As of market day/);
    await tabTo(page, day);
    await page.keyboard.type('31.12.2025');
    await page.keyboard.press('Enter');
    const problem = page.getByRole('alert').filter({ hasText: /YYYY-MM-DD.*not "31\.12\.2025"/ });
    await problem.waitFor();
    expect(await day.getAttribute('aria-invalid')).toBe('true');
    await expectAccessible(page);
    await expectNothingCut(page);
    await page.keyboard.press('Control+A');
    const [wanted] = await dashboard.warehouse.query<[string]>('select (current_date - 25)::text');
    await page.keyboard.type(wanted?.[0] ?? '');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`asof=${wanted?.[0]}`));
    await expect.poll(() => page.getByTestId('legend').textContent(), PATIENCE).toContain(wanted?.[0]);
    await tabTo(page, page.getByText(/^EMAs:/));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByLabel('10', { exact: true }));
    await page.keyboard.press('Space');
    await page.waitForURL(/emas=10%2C21/);
    await expect.poll(() => page.getByTestId('legend').textContent(), PATIENCE).toContain('ema 10');
    await tabTo(page, chart);
    await page.keyboard.press('Home');
    expect(await page.getByTestId('legend').textContent()).not.toContain(wanted?.[0]);
    await tabTo(page, page.getByRole('button', { name: 'Save as CSV' }));
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(download.suggestedFilename()).toContain(`asof-${wanted?.[0]}.csv`);
    await expectQuiet(visit);
  });

  test('plan by keyboard: of what, with what is up to date, and an asset of it', async () => {
    const visit = await browser.visit('/plan', { width: 375, height: 720 });
    const { page } = visit;
    await page.locator('tbody tr').first().waitFor();
    await tabTo(page, page.locator('select'));
    await page.keyboard.press('ArrowDown');
    await page.waitForURL(/target=bars/);
    await tabTo(page, page.getByLabel('with what is up to date'));
    await page.keyboard.press('Space');
    await page.waitForURL(/idle=1/);
    await page
      .getByRole('row', { name: /up to date/ })
      .first()
      .waitFor();
    await tabTo(page, page.locator('tbody a').first());
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/assets\/\d+$/);
    await expectQuiet(visit);
  });

  test('on another address: the form takes the token, and the pages are there', async () => {
    const server = await startServer(['--host', '0.0.0.0'], { url: dashboard.warehouse.urls.reader });
    try {
      const visit = await browser.visit(new URL('/runs', server.url).href, { width: 375, scheme: 'dark' });
      const { page } = visit;
      await page.waitForURL(/\/login$/);
      await expectAccessible(page);
      await expectNothingCut(page);
      // The field has the focus from the beginning.
      await page.keyboard.type(server.token ?? '');
      await page.keyboard.press('Enter');
      await page.getByRole('grid').waitFor();
      await page.getByText('no run in progress').waitFor();
      await expectQuiet(visit);
    } finally {
      await server.stop();
    }
  });

  test('the server ends and comes back: the page says so and continues', async () => {
    const url = dashboard.warehouse.urls.reader;
    const first = await startServer([], { url });
    const visit = await browser.visit(new URL('/runs', first.url).href);
    const { page } = visit;
    await page.locator('tbody tr').first().waitFor();
    await page.getByText('no run in progress').waitFor();
    await first.stop();
    const trouble = page.getByText(/^barwright serve does not answer/);
    await trouble.waitFor(PATIENCE);
    expect(await page.locator('tbody tr').first().isVisible()).toBe(true);
    const again = await startServer(['--port', new URL(first.url).port], { url });
    try {
      await trouble.waitFor({ state: 'detached', ...PATIENCE });
      await page.getByRole('link', { name: 'Freshness' }).click();
      await page.getByRole('grid').waitFor(PATIENCE);
      expect(visit.strangers).toEqual([]);
    } finally {
      await again.stop();
    }
  });

  test('a hostile error text is text, wherever it is shown', async () => {
    const { execute } = dashboard.warehouse;
    await execute(`update refresh_asset set reason = $1, error = $1 where id = 6 and status = 'failed'`, [
      HOSTILE,
    ]);
    await execute(
      `insert into asset_quarantine (id, component, failures, last_run, reason, quarantined_at)
       values (6, 'emas', 5, gen_random_uuid(), $1, now())
       on conflict (id, component) do update set reason = excluded.reason, quarantined_at = excluded.quarantined_at`,
      [HOSTILE],
    );
    for (const path of ['/runs/last', '/assets/6', '/plan']) {
      const visit = await browser.visit(path);
      await visit.page.getByText(HOSTILE_SHOWN).first().waitFor();
      expect(await visit.page.locator('main script').count(), path).toBe(0);
      await expectQuiet(visit);
    }
    const { page } = await browser.visit('/?sort=id');
    const six = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: / 6$/ }) });
    await six.getByRole('gridcell').last().hover();
    expect(await page.getByTestId('described').textContent()).toContain(HOSTILE_SHOWN);
  });
});
