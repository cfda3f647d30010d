/** What a database has in which nothing was ever disturbed: what a run after a fault must come to. */
import { type Fingerprints, readContents } from './contents.js';
import type { TestDatabaseOptions } from './database.js';
import type { PriceSpan } from './prices.js';
import { createWarehouse, expectExit } from './warehouse.js';

/** Builds bars and EMAs of these prices in a database of its own, and tells what came of it. */
export async function readUndisturbed(
  prices: readonly PriceSpan[],
  options: TestDatabaseOptions = {},
): Promise<Fingerprints> {
  const calm = await createWarehouse(options, prices);
  try {
    await expectExit(0, calm.run(['refresh', '--all'], { timeoutMs: 110_000 }));
    return await readContents(calm.database);
  } finally {
    await calm.drop();
  }
}
