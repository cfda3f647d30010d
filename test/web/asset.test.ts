/** "What does this asset look like?", read in Chromium, on eleven years of days; what the chart shows is what the database has. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Browser,
  expectAccessible,
  expectQuiet,
  HAS_BROWSER,
  startBrowser,
} from '../support/browser.js';
import { chartOf, legendOf } from '../support/chart-page.js';
import { HOSTILE, HOSTILE_SHOWN } from '../support/dashboard.js';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const YEARS = 11;
const DAYS = Math.round(365.25 * YEARS);
const EMAS = [10, 21, 50];
const CHART = `/assets/1?emas=${EMAS.join(',')}`;
/** In sight when a chart is opened. */
const NEWEST = 150;
/** How often something asks to be painted: the chart, and what moves its range. */
const COUNT_FRAMES = `(() => {
  const ask = window.requestAnimationFrame.bind(window);
  window.framesAsked = 0;
  window.requestAnimationFrame = (work) => { window.framesAsked += 1; return ask(work); };
})()`;
/** The same digits that a legend gives. */
const digits = (value: number): string =>
  value.toLocaleString(
    'en',
    Math.abs(value) >= 1000 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 6 },
  );

const PATIENCE = { timeout: 30_000 };

describe.runIf(HAS_BROWSER)('the page of an asset', () => {
  let warehouse: Warehouse;
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    // Rolling bars of 7 days: with 3 of them left, the last one is open.
    const days = DAYS - (DAYS % 7) + 3;
    warehouse = await createWarehouse({}, [{ ids: [1], days }]);
    const { execute } = warehouse;
    await execute(`delete from cmc_price_histories7 where id = 1 and timestamp::date = current_date - 40`);
    await execute(
      `update cmc_price_histories7 set open = -1 where id = 1 and timestamp::date = current_date - 30`,
    );
    await execute(
      `update cmc_price_histories7 set timehigh = timeclose + interval '1 day' where id = 1 and timestamp::date = current_date - 20`,
    );
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await execute(
      'insert into dim_assets (id, symbol, name) values (1, $1, $1) on conflict (id) do update set symbol = excluded.symbol, name = excluded.name',
      [HOSTILE],
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

  test('eleven years of 7D with three EMAs: values as in the database, the open bar called open', async () => {
    const visit = await browser.visit(CHART);
    const { page } = visit;
    const chart = await chartOf(page);
    const [closed] = await warehouse.query<[number]>(
      `select count(*)::int from price_bars where id = 1 and alignment = 'multi_tf' and tf = '7D'`,
    );
    expect(await chart.getAttribute('aria-label')).toContain(`${(closed?.[0] ?? 0) + 1} bars`);
    await chart.press('End');
    expect(await legendOf(page)).toContain('(open bar)');
    const open = await legendOf(page);
    for (const period of EMAS) expect(open).toMatch(new RegExp(`ema ${period} [\\d.,]+ \\(preview\\)`));
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'Home', 'End', 'ArrowLeft']) {
      await chart.press(key);
      await expectLegendAsStored(await legendOf(page));
    }
    expect(await page.locator('main script').count()).toBe(0);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(HOSTILE_SHOWN);
    await expectAccessible(page);
    await expectQuiet(visit);
  });

  async function expectLegendAsStored(legend: string): Promise<void> {
    const day = legend.slice(0, 10);
    if (legend.includes('(open bar)')) return;
    const [bar] = await warehouse.query<[number, number, number, number]>(
      `select open, high, low, close from price_bars
       where id = 1 and alignment = 'multi_tf' and tf = '7D' and last_day = $1::date`,
      [day],
    );
    for (const [index, name] of ['O', 'H', 'L', 'C'].entries())
      expect(legend).toContain(`${name} ${digits(bar?.[index] ?? Number.NaN)}`);
    const emas = await warehouse.query<[number, number]>(
      `select period, ema from cmc_ema_multi_tf where id = 1 and tf = '7D' and (ts at time zone 'UTC')::date = $1::date
       and period = any($2::int[]) and not roll`,
      [day, EMAS],
    );
    for (const [period, ema] of emas) expect(legend).toContain(`ema ${period} ${digits(ema)}`);
    for (const period of EMAS.filter((each) => !emas.some(([known]) => known === each)))
      expect(legend).toContain(`ema ${period} none`);
  }

  test('gaps, repairs and rejects are marked on their days', async () => {
    const { page } = await browser.visit('/assets/1?tf=1D');
    await chartOf(page);
    await page.getByText('gaps, repairs, rejects').click();
    const marks = await page.locator('details li').allTextContents();
    expect(marks.map((text) => text.split(':')[0]).sort()).toEqual(['gap', 'gap', 'reject', 'repair']);
    const chart = page.getByRole('application');
    await chart.press('End');
    for (let step = 0; step < 19; step++) await chart.press('ArrowLeft');
    expect(await legendOf(page)).toMatch(/repair: \d{4}-\d\d-\d\d: repaired_/);
  });

  test('as of a past market day: the bar that was open then is the last one', async () => {
    const [day] = await warehouse.query<[string]>(`select (current_date - 400)::text`);
    const visit = await browser.visit(CHART);
    await chartOf(visit.page);
    const field = visit.page.getByLabel(/^As of market day/);
    await field.fill(day?.[0] ?? '');
    await field.press('Enter');
    await visit.page.waitForURL(/asof=/);
    await expect.poll(() => legendOf(visit.page), PATIENCE).toContain(day?.[0]);
    const snapshot = await warehouse.query<[number, boolean]>(
      `select close, is_partial_end from cmc_price_bars_multi_tf where id = 1 and tf = '7D'
       and (time_close at time zone 'UTC')::date = $1::date`,
      [day?.[0]],
    );
    expect(await legendOf(visit.page)).toContain(`C ${digits(snapshot[0]?.[0] ?? Number.NaN)}`);
    await expectQuiet(visit);
  });

  const closedBars = () =>
    warehouse.query<[string, number]>(
      `select last_day::text, close from price_bars where id = 1 and alignment = 'multi_tf' and tf = '7D' order by last_day`,
    );
  const save = async (page: Page, name: string) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByText(name).click()]);
    return readFileSync(await download.path());
  };
  const linesInSight = async (page: Page) =>
    (await save(page, 'Save as CSV')).toString().trimEnd().split('\r\n');

  test('CSV and PNG hold what is in sight', async () => {
    const { page } = await browser.visit(`${CHART}&range=all`);
    const chart = await chartOf(page);
    const all = await linesInSight(page);
    expect(all[0]).toBe(
      'day,bar_first_day,open,high,low,close,volume,missing_days,bar_is_open,ema_10,ema_10_is_preview,ema_21,ema_21_is_preview,ema_50,ema_50_is_preview',
    );
    expect(all.slice(1, -1).map((line) => [line.split(',')[0], Number(line.split(',')[5])])).toEqual(
      await closedBars(),
    );
    expect(all.at(-1)).toMatch(/,true,/);
    await chart.press('+');
    await chart.press('+');
    const part = await linesInSight(page);
    expect(part.length).toBeGreaterThan(10);
    expect(part.length).toBeLessThan(all.length / 2 + 10);
    const png = await save(page, 'Save as PNG');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.length).toBeGreaterThan(5_000);
  });

  test('it opens on the newest 150 bars; buttons show other spans, and the address keeps the choice', async () => {
    const visit = await browser.visit(CHART);
    const { page } = visit;
    await chartOf(page);
    const daysInSight = async () => (await linesInSight(page)).slice(1).map((line) => line.split(',')[0]);
    const stored = (await closedBars()).map(([day]) => day);
    const opened = await daysInSight();
    expect(opened.length).toBe(NEWEST);
    expect(opened.slice(0, -1)).toEqual(stored.slice(1 - NEWEST));
    await page.getByRole('button', { name: '1Y', exact: true }).click();
    await page.waitForURL(/range=1Y/);
    const year = await daysInSight();
    expect([52, 53]).toContain(year.length);
    await page.getByRole('button', { name: 'all', exact: true }).click();
    await page.waitForURL(/range=all/);
    expect((await daysInSight()).length).toBe(stored.length + 1);
    await page.reload();
    await chartOf(page);
    await expect.poll(async () => (await daysInSight()).length, PATIENCE).toBe(stored.length + 1);
    await expectQuiet(visit);
  });

  test('the newest bars are drawn before the earlier ones are asked for; what is in sight stays', async () => {
    const { page } = await browser.visit('/assets/1?tf=1D&emas=21');
    const chart = await chartOf(page);
    const asked = await page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/bars?'))`,
    );
    expect(asked.map((address) => address.includes('newest='))).toEqual([true, false]);
    const [days] = await warehouse.query<[number]>(
      'select count(*)::int from cmc_price_bars_1d where id = 1',
    );
    expect(await chart.getAttribute('aria-label')).toContain(`: ${days?.[0]?.toLocaleString('en')} bars`);
    expect((await linesInSight(page)).length - 1).toBe(NEWEST);
    await page.getByText('gaps, repairs, rejects').waitFor();
  });

  test('the axis is logarithmic until it is switched, and the address says which', async () => {
    const visit = await browser.visit(CHART);
    const { page } = visit;
    const chart = await chartOf(page);
    const switched = page.getByRole('checkbox', { name: 'logarithmic' });
    expect(await switched.isChecked()).toBe(true);
    const picture = () => chart.screenshot();
    const logarithmic = await picture();
    await switched.click();
    await page.waitForURL(/scale=linear/);
    await expect.poll(async () => (await picture()).equals(logarithmic), PATIENCE).toBe(false);
    await switched.click();
    await expect.poll(() => page.url().includes('scale'), PATIENCE).toBe(false);
    await expectQuiet(visit);
  });

  test('the chart is as high as the window lets it', async () => {
    const { page } = await browser.visit(CHART, { height: 800 });
    const chart = await chartOf(page);
    const low = await chart.boundingBox();
    expect((low?.y ?? 0) + (low?.height ?? 0)).toBeLessThanOrEqual(800);
    await page.setViewportSize({ width: 1280, height: 1200 });
    await expect
      .poll(async () => (await chart.boundingBox())?.height, PATIENCE)
      .toBe((low?.height ?? 0) + 400);
  });

  test('a price of 1.2e-11 shows its digits', async () => {
    await warehouse.execute(
      `update price_bars set close = 1.2e-11 where id = 1 and alignment = 'multi_tf' and tf = '7D'
       and bar_seq = (select max(bar_seq) from price_bars where id = 1 and alignment = 'multi_tf' and tf = '7D')`,
    );
    const visit = await browser.visit(CHART);
    const chart = await chartOf(visit.page);
    await chart.press('End');
    await chart.press('ArrowLeft');
    expect(await legendOf(visit.page)).toContain('C 0.000000000012');
    await expectQuiet(visit);
  });

  test('preview values of every day are dots, and said to be previews', async () => {
    const visit = await browser.visit('/assets/1?tf=7D&emas=21&previews=1&range=all');
    await chartOf(visit.page);
    const lines = (await linesInSight(visit.page)).slice(1);
    const rows = await warehouse.query<[string, number, boolean]>(
      `select (ts at time zone 'UTC')::date::text, ema, roll from cmc_ema_multi_tf where id = 1 and tf = '7D' and period = 21 order by ts`,
    );
    const shown = lines.map((line) => line.split(',')).filter((cells) => cells[9] !== '');
    expect(shown.map((cells) => [cells[0], Number(cells[9]), cells[10] === 'true'])).toEqual(rows);
    await expectQuiet(visit);
  });

  test('eleven years of days pan and zoom without a question, and each step is painted at once', async () => {
    const visit = await browser.visit('/assets/1?tf=1D&emas=10,21,50');
    const { page, asked } = visit;
    const chart = await chartOf(page);
    expect(await chart.getAttribute('aria-label')).toMatch(/: 4,0\d\d bars/);
    await chart.focus();
    const questions = asked.length;
    const nodes = await page.locator('*').count();
    const steps = 30;
    await page.evaluate(COUNT_FRAMES);
    await page.keyboard.press('+');
    for (let step = 1; step < steps; step++) {
      await page.keyboard.press(step % 3 === 0 ? '+' : 'Shift+ArrowLeft');
      await page.evaluate('new Promise((done) => setTimeout(done))');
    }
    const frames = (await page.evaluate('window.framesAsked')) as number;
    expect(frames).toBeGreaterThan(0);
    // The chart, what moves its range, and what follows the cross.
    expect(frames).toBeLessThanOrEqual(4 * steps);
    expect(asked.slice(questions)).toEqual([]);
    expect(await page.locator('*').count()).toBe(nodes);
    await expectQuiet(visit);
  });
});
