/** Gaps in the chart of a share, read in Chromium: its calendar says on which days a price is missed. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, expectQuiet, HAS_BROWSER, startBrowser } from '../support/browser.js';
import { chartOf, legendOf } from '../support/chart-page.js';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const DAYS = 60;
/** The Wednesday of the week before last: weekends lie before and after it. */
const MISSING = `date_trunc('week', current_date)::date - 12`;

describe.runIf(HAS_BROWSER)('gaps of a share', () => {
  let warehouse: Warehouse;
  let server: Server;
  let browser: Browser;
  let missing: string;
  let weekends: number;
  beforeAll(async () => {
    warehouse = await createWarehouse({}, [{ ids: [1], days: DAYS }]);
    const { execute } = warehouse;
    await execute(`delete from cmc_price_histories7 where extract(isodow from timestamp) > 5`);
    await execute(`delete from cmc_price_histories7 where timestamp::date = ${MISSING}`);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const [found] = await warehouse.query<[string, number]>(
      `select (${MISSING})::text, (
         select count(*)::int from cmc_price_bars_1d where extract(isodow from timestamp) = 1 and bar_seq > 1)`,
    );
    [missing, weekends] = found ?? ['', 0];
    server = await startServer([], { url: warehouse.urls.reader });
    browser = await startBrowser(server.url);
  });
  afterEach(() => browser.leave());
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await warehouse?.drop();
  });

  /** What the list below the chart says, and each bar under the cross whose legend names a gap. */
  async function findGaps(tf: string): Promise<{ listed: string[]; bars: string[] }> {
    const visit = await browser.visit(`/assets/1?tf=${tf}&emas=none&range=all`);
    const chart = await chartOf(visit.page);
    await visit.page.getByText('gaps, repairs, rejects').click();
    const listed = await visit.page.locator('details li').allTextContents();
    const bars = new Map<string, boolean>();
    await chart.press('Home');
    for (let legend = await legendOf(visit.page); !bars.has(legend.slice(0, 10)); ) {
      bars.set(legend.slice(0, 10), legend.includes('gap: '));
      await chart.press('ArrowRight');
      legend = await legendOf(visit.page);
    }
    await expectQuiet(visit);
    return { listed, bars: [...bars].flatMap(([day, isMarked]) => (isMarked ? [day] : [])) };
  }

  test.each(['1D', '7D'])(
    '%s: a weekend is none by a calendar of weekdays, a missing Wednesday is one',
    async (tf) => {
      await expectExit(0, warehouse.run(['asset', 'calendar', '1', 'weekdays']));
      const { listed, bars } = await findGaps(tf);
      expect(bars).toHaveLength(1);
      expect(listed).toEqual([`gap: ${missing} (bar of ${bars[0]})`]);
    },
  );

  test('by a calendar of every day each weekend is one', async () => {
    await expectExit(0, warehouse.run(['asset', 'calendar', '1', 'daily']));
    const { listed, bars } = await findGaps('1D');
    expect(weekends).toBeGreaterThan(5);
    expect(listed).toHaveLength(weekends + 1);
    expect(bars).toHaveLength(weekends + 1);
  });
});
