/** A page reads its answers once, and once more where a run ended while it loaded. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_BROWSER, startBrowser } from '../support/browser.js';
import { startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

describe.runIf(HAS_BROWSER)('a page and the run before it', () => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await createWarehouse({}, [{ ids: [1], days: 20 }]);
    await expectExit(0, warehouse.run(['refresh', '--all']));
  });
  afterAll(() => warehouse?.drop());

  test.each([
    ['that ended before it was opened', `now() - interval '30 seconds'`, 1],
    // Later than it can be, so that a slow machine does not matter.
    ['that ended while it loaded', `now() + interval '10 seconds'`, 2],
  ])('a run %s', async (_when, finished, times) => {
    await warehouse.execute(`update refresh_run set finished_at = ${finished}`);
    const server = await startServer(['--allow-run'], { url: warehouse.urls.runner });
    const browser = await startBrowser(server.url);
    try {
      const { page, asked } = await browser.visit('/runs');
      // This is what the server says by itself.
      await page.getByText('no run in progress').waitFor();
      const reads = () => asked.filter((path) => path === '/api/runs').length;
      await expect.poll(reads, { timeout: 30_000 }).toBe(times);
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});
