/** What stands around every page: wrong addresses, light and dark by the button, from one asset to the next. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RunProgress, StageProgress } from '../../src/domain/planning/progress.js';
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

  test('runs stand on a timeline by their time of day, and each bar leads to its run', async () => {
    const visit = await browser.visit('/runs');
    const { page } = visit;
    const timeline = page.getByRole('region', { name: 'Timeline of runs' });
    await timeline.waitFor();
    const runs = await dashboard.warehouse.query<[string, string, number]>(
      `select run::text, status, extract(epoch from started_at at time zone 'UTC' - date_trunc('day', started_at at time zone 'UTC'))
         / 86400 from refresh_run order by started_at`,
    );
    const bars = timeline.getByRole('link');
    // A run over midnight has a bar in either day.
    expect(await bars.count()).toBeGreaterThanOrEqual(runs.length);
    for (const [run, status, share] of runs) {
      const bar = timeline.locator(`a[href$="${run}"]`).last();
      expect(await bar.textContent()).toMatch(new RegExp(`^${status}: `));
      const [left, width] = (await bar.evaluate((element) => {
        const track = element.parentElement?.getBoundingClientRect();
        return [element.getBoundingClientRect().left - (track?.left ?? 0), track?.width ?? 0];
      })) as [number, number];
      expect(Math.abs(left / width - share)).toBeLessThan(0.01);
    }
    await tabTo(page, bars.first());
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
    await expectQuiet(visit);
  });

  test('the head is one line at 1280 pixels, also while a run is in progress, and whole at 375', async () => {
    const { execute } = dashboard.warehouse;
    const at = new Date().toISOString();
    const counts = { total: 1_234_567, done: 123_456, ok: 123_456, failed: 0, skipped: 0, rowsWritten: 0 };
    const stage: StageProgress = { component: 'indicators', startedAt: at, finishedAt: null, ...counts };
    const progress: RunProgress = { at, stages: [stage], undone: [], undoneCount: 0 };
    await execute(
      `with run as (
         insert into refresh_run (run, command, as_of, status, host, pid, version, seen_at, progress)
         values (gen_random_uuid(), 'refresh --all', now(), 'running', 'elsewhere', 7, '0', now(), $1) returning run)
       update refresh_lease set owner = run, expires = now() + interval '100 seconds' from run`,
      [JSON.stringify(progress)],
    );
    const visit = await browser.visit('/');
    const { page } = visit;
    await page.getByText('running: indicators 123456 of 1234567').waitFor();
    await page.locator('.warehouse').waitFor();
    const boxes = () =>
      page.locator('.frame > *').evaluateAll((all) =>
        all.map((each) => {
          const { top, bottom, left, right } = each.getBoundingClientRect();
          return { middle: Math.round((top + bottom) / 2), left, right };
        }),
      );
    const wide = await boxes();
    for (const { middle } of wide) expect(Math.abs(middle - (wide[0]?.middle ?? 0))).toBeLessThanOrEqual(1);
    for (const [index, { right }] of wide.slice(0, -1).entries())
      expect(right).toBeLessThanOrEqual(wide[index + 1]?.left ?? 0);
    expect(wide.at(-1)?.right).toBeLessThanOrEqual(1280);
    await page.setViewportSize({ width: 375, height: 720 });
    for (const { left, right } of await boxes()) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(375);
    }
    await expectNothingCut(page);
    await expectQuiet(visit);
    await execute('update refresh_lease set expires = now()');
    await execute(`delete from refresh_run where host = 'elsewhere'`);
  });

  test('alerts have a page, what is open first', async () => {
    const { execute } = dashboard.warehouse;
    await execute(
      `insert into alert_log (cause, kind, component, ids, words, is_open, is_told, first_seen, last_seen, last_sent)
       values ('a', 'failure', 'bars', '{6}', 'this has ended', false, true, '2026-01-01Z', '2026-01-03Z', '2026-01-01Z'),
         ('b', 'quarantine', 'emas', '{7}', 'this is open', true, false, '2026-01-01Z', '2026-01-02Z', null)`,
    );
    const visit = await browser.visit('/');
    const { page } = visit;
    await page.getByRole('link', { name: 'Alerts' }).click();
    const rows = page.getByRole('region', { name: 'Alerts' }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.allTextContents()).toEqual([
      expect.stringContaining('this is open'),
      expect.stringContaining('this has ended'),
    ]);
    await expectAccessible(page);
    await page.setViewportSize({ width: 375, height: 720 });
    await expectNothingCut(page);
    await expectQuiet(visit);
    await execute('delete from alert_log');
  });

  test('the health of an asset is a colour with words, in the grid, the search and the screener', async () => {
    const visit = await browser.visit('/?sort=id');
    const { page } = visit;
    const six = page.getByRole('rowheader').filter({ hasText: / 6$/ });
    await six.waitFor();
    expect(await six.locator('.health.is-bad').count()).toBe(1);
    await page.keyboard.press('/');
    await page.keyboard.type('ONE');
    await page.locator('.found .health.is-good').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Screener' }).click();
    const row = page.locator('tbody tr').filter({ has: page.locator('td:first-child', { hasText: /^6$/ }) });
    await row.locator('.health.is-bad').waitFor();
    expect(await row.locator('.health').textContent()).toMatch(/bad: .*failed/);
    await expectQuiet(visit);
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

  test('the tab has the symbol, and a name in another direction keeps to itself; a day without bars is named', async () => {
    const { execute } = dashboard.warehouse;
    await execute(`update dim_assets set symbol = $1, name = $2 where id = 4`, ['شيبا', `Q"uo'te <b>`]);
    const visit = await browser.visit('/assets/4?asof=2009-01-03&compare=1');
    const { page } = visit;
    await page.getByText('There are no bars of 7D to show, as of 2009-01-03.').waitFor();
    await expect.poll(() => page.title(), PATIENCE).toBe('شيبا · Assets · barwright');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`شيبا Q"uo'te <b> asset 4`);
    await page.getByRole('link', { name: 'Screener' }).click();
    await expect.poll(() => page.title(), PATIENCE).toBe('Screener · barwright');
    await page.locator('td[title="شيبا"] bdi').waitFor();
    await page.locator(`td[title='Q"uo\\'te <b>']`).waitFor();
    await expectNothingCut(page);
    await expectQuiet(visit);
  });

  test('previous and next asset by links and keys, shown in the same way', async () => {
    const visit = await browser.visit('/assets/4?scale=linear');
    const { page } = visit;
    await page.locator('.chart canvas').first().waitFor();
    // A key does what its link says, so the link has to be there first.
    const links = page.getByRole('navigation', { name: 'Previous and next asset' });
    const linkTo = (id: number) => links.locator(`a[href^="/assets/${id}?"]`);
    await linkTo(5).waitFor();
    await page.keyboard.press('n');
    await page.waitForURL(/\/assets\/5\?scale=linear$/);
    await linkTo(4).waitFor();
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
