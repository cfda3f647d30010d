/** The chart on the page of an asset, as a reader finds it. */
import type { Locator, Page } from 'playwright-core';

/** The chart, once it is drawn and what the page says beside it is there. */
export async function chartOf(page: Page): Promise<Locator> {
  const chart = page.getByRole('application');
  await chart.locator('canvas').first().waitFor();
  await page.getByRole('complementary', { name: 'Explanation' }).getByRole('heading').first().waitFor();
  return chart;
}

/** The values under the cross. */
export async function legendOf(page: Page): Promise<string> {
  return (await page.getByTestId('legend').textContent()) ?? '';
}
