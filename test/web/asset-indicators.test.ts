/** Indicators in the chart of an asset, read in Chromium: chosen by name, kept in the address, values as in the database. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Browser,
  expectAccessible,
  expectNothingCut,
  expectQuiet,
  HAS_BROWSER,
  startBrowser,
} from '../support/browser.js';
import { chartOf, legendOf } from '../support/chart-page.js';
import { waitFor } from '../support/processes.js';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const NAMES = ['bbands_20_2.5', 'macd_12_26_9', 'rsi_14', 'sma_20'];
/** Rolling bars of 7 days: the last one is open. */
const DAYS = 703;
/** Rows of the chart's panes and of the lines between them. */
const PANE_ROWS = `document.querySelectorAll('.chart table tr').length`;

describe.runIf(HAS_BROWSER)('indicators of an asset', () => {
  let warehouse: Warehouse;
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    warehouse = await createWarehouse({}, [{ ids: [1], days: DAYS }]);
    await warehouse.execute('insert into dim_indicator select unnest($1::text[])', [NAMES]);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    server = await startServer([], { url: warehouse.urls.reader });
    browser = await startBrowser(server.url);
  });
  afterEach(() => browser.leave());
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await warehouse?.drop();
  });

  const expectPaneRows = (page: Page, rows: number) =>
    waitFor(`${rows} rows of panes`, async () => ((await page.evaluate(PANE_ROWS)) === rows ? true : null));

  /** The legend names the value of each output of the newest closed bar. */
  async function expectLegendAsStored(page: Page, names: readonly string[]): Promise<void> {
    const rows = await warehouse.query<[string, number]>(
      `select distinct on (name) name, value from indicators
       where id = 1 and alignment = 'multi_tf' and tf = '7D' order by name, day desc`,
    );
    const legend = await legendOf(page);
    const wanted = rows.filter(([name]) => names.some((each) => name.replace(/\.[a-z_]+$/, '') === each));
    expect(wanted.length).toBeGreaterThanOrEqual(names.length);
    for (const [name, value] of wanted) {
      const shown = value.toLocaleString('en', {
        ...(Math.abs(value) >= 1000 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 6 }),
      });
      expect(legend).toContain(`${name} ${shown}`);
    }
  }

  test('prices lie over the bars, others in a pane of their own, and the address keeps the choice', async () => {
    const visit = await browser.visit('/assets/1');
    const { page } = visit;
    const chart = await chartOf(page);
    expect(await legendOf(page)).not.toContain('rsi_14');
    const before = (await page.evaluate(PANE_ROWS)) as number;
    await page.getByText('Indicators: none').click();
    for (const name of NAMES) await page.getByRole('checkbox', { name, exact: true }).check();
    await page.getByTestId('legend').getByText('sma_20').waitFor();
    await page.waitForURL((url) => url.searchParams.get('indicators') === NAMES.join(','));
    // A pane for each of MACD and RSI, with a line above it.
    await expectPaneRows(page, before + 4);
    await chart.press('End');
    expect(await legendOf(page)).toMatch(/rsi_14 [\d.]+ \(preview\)/);
    await chart.press('ArrowLeft');
    await expectLegendAsStored(page, NAMES);
    await page.reload();
    await page.getByTestId('legend').getByText('rsi_14').waitFor();
    await expectPaneRows(page, before + 4);
    await page.getByText(`Indicators: ${NAMES.join(', ')}`).click();
    for (const name of ['macd_12_26_9', 'rsi_14'])
      await page.getByRole('checkbox', { name, exact: true }).uncheck();
    await expectPaneRows(page, before);
    await expectAccessible(page);
    await expectQuiet(visit);
  });

  test('as of a day there is no preview, and nothing that came later', async () => {
    const [newest] = await warehouse.query<[string]>(
      `select (max(last_day) - 70)::text from price_bars where id = 1 and alignment = 'multi_tf' and tf = '7D'`,
    );
    const { page } = await browser.visit(`/assets/1?indicators=rsi_14&emas=none&asof=${newest?.[0]}`);
    const chart = await chartOf(page);
    await chart.press('End');
    expect(await legendOf(page)).not.toContain('preview');
    const answer = await server.get<{ series: { day: string[]; isLastPreview: boolean }[] }>(
      `/api/assets/1/indicators?tf=7D&names=rsi_14&to=${newest?.[0]}`,
    );
    expect(answer.series).toHaveLength(1);
    expect(answer.series[0]).toMatchObject({ isLastPreview: false });
    expect((answer.series[0]?.day.at(-1) ?? '') <= String(newest?.[0])).toBe(true);
  });

  test('the freshness grid has a column for each table, a row on one line', async () => {
    const visit = await browser.visit('/');
    const cells = visit.page.getByRole('row').last().locator('.grid-cell');
    await cells.first().waitFor();
    const tops = await cells.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
    expect(tops.length).toBe(14);
    expect(new Set(tops).size).toBe(1);
    await expectNothingCut(visit.page);
    await expectQuiet(visit);
  });

  test.each([
    ['light', 1280],
    ['dark', 375],
  ] as const)('%s, %i pixels wide: nothing is cut, and readable for everybody', async (scheme, width) => {
    const visit = await browser.visit(`/assets/1?indicators=${NAMES.join(',')}`, { scheme, width });
    await chartOf(visit.page);
    await visit.page.getByTestId('legend').getByText('rsi_14').waitFor();
    await expectNothingCut(visit.page);
    await expectAccessible(visit.page);
    await expectQuiet(visit);
  });

  test.each([
    ['names=', 400, 'names expects 1 to 40 indicators like rsi_14'],
    [`names=rsi_14'`, 400, 'names expects'],
    ['names=rsi_15', 400, 'the indicator rsi_15 is not active: active are bbands_20_2.5, '],
  ])('/indicators?%s is answered with %i: %s', async (query, status, text) => {
    const answer = await server.ask(`/api/assets/1/indicators?tf=7D&${query}`);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).error).toContain(text);
  });
});
