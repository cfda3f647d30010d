/** B10: bytes an asset, fresh and after everything was rewritten once. */
import { readSizes, type Sizes } from '../size.js';
import type { Finding } from '../support/findings.js';
import { refresh } from '../support/program.js';
import { type BenchServer, withClient } from '../support/server.js';
import { createSeeded } from '../support/warehouse.js';

const SOURCE = 'cmc_price_histories7';

/** Builds `assets` × `years`, then every one of them again from its first day. */
export async function measureSizes(
  server: BenchServer,
  { assets, years }: { assets: number; years: number },
): Promise<Finding[]> {
  const url = server.url('b10');
  await createSeeded(server, 'b10', { assets, years });
  await refresh(url);
  const fresh = await readSizes(url);
  await withClient(url, (client) =>
    client.query(`update ${SOURCE} set open = open * 2, high = high * 2, low = low * 2, close = close * 2`),
  );
  await refresh(url);
  const rewritten = await readSizes(url);
  await server.drop('b10');
  return [
    finding('fresh', fresh, 11),
    finding('after every value of every row was changed and repaired once', rewritten, 14.5),
  ];
}

function finding(what: string, sizes: Sizes, limit: number): Finding {
  const ofTable = new Map<string, number>();
  for (const { table, bytes } of sizes.relations) ofTable.set(table, (ofTable.get(table) ?? 0) + bytes);
  ofTable.delete(SOURCE);
  const perAsset = [...ofTable]
    .map(([table, bytes]) => [table, bytes / 1e6 / sizes.assets] as const)
    .sort(([, a], [, b]) => b - a);
  return {
    id: 'B10',
    what: `MB an asset without the source, ${what}`,
    goal: { atMost: limit },
    value: perAsset.reduce((sum, [, megabytes]) => sum + megabytes, 0),
    detail: perAsset
      .filter(([, megabytes]) => megabytes > 0.05)
      .map(([table, megabytes]) => `${table} ${megabytes.toFixed(2)}`)
      .join(', '),
  };
}
