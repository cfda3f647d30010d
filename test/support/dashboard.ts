/** A warehouse with something to see for a dashboard, and the server that shows it. */
import { CANARY } from './canary.js';
import { runCli } from './cli.js';
import { writePrices } from './prices.js';
import { type Server, startServer } from './serving.js';
import { createWarehouse, expectDays, expectExit, type Warehouse } from './warehouse.js';

/** The symbol of asset 2. */
export const HOSTILE = `</script><script>alert(1)</script>"';--\u202e`;
/** As it is shown: what turns the direction of text is spelt out. */
export const HOSTILE_SHOWN = HOSTILE.replace('\u202e', String.raw`\u202e`);

export interface Dashboard {
  warehouse: Warehouse;
  /** Reads as a reader. */
  server: Server;
  /** What a command prints with --json, asked as a reader. */
  cli(...args: string[]): Promise<ReturnType<typeof JSON.parse>>;
  /** Returns the exit code of the server. */
  close(): Promise<number | null>;
}

/** 1: has everything; 2: never read; 3: behind; 4: refused and repaired rows, a gap; 5: retired; 6: fails; 7: a late source. */
export async function createDashboard(): Promise<Dashboard> {
  const warehouse = await createWarehouse({}, [
    { ids: [1, 4, 5, 6], days: 90 },
    { ids: [3], days: 90, endsDaysAgo: 4 },
    { ids: [7], days: 60, endsDaysAgo: 9 },
  ]);
  const { execute } = warehouse;
  await expectDays(warehouse);
  await execute(`delete from cmc_price_histories7 where id = 4
    and timestamp::date between current_date - 40 and current_date - 38`);
  await execute(
    `update cmc_price_histories7 set open = -1 where id = 4 and timestamp::date = current_date - 30`,
  );
  await execute(
    `update cmc_price_histories7 set timehigh = timeclose + interval '1 day' where id = 4 and timestamp::date = current_date - 20`,
  );
  await expectExit(3, warehouse.run(['refresh', '--all', '--strict']));
  await execute('insert into dim_assets (id, symbol, name) values (2, $1, $1)', [HOSTILE]);
  await execute(`update dim_assets set symbol = 'ONE' where id = 1`);
  await execute('update dim_assets set active = false where id = 5');
  await writePrices(warehouse.database, { ids: [3], days: 3 });
  // The sum of a week's volumes is no number any more.
  await writePrices(warehouse.database, { ids: [6], days: 1, endsDaysAgo: 0 });
  await execute(
    `update cmc_price_histories7 set volume = 1.5e308 where id = 6 and timestamp::date > current_date - 9`,
  );
  await expectExit(1, warehouse.run(['refresh', '--all', '--ids', '1,6']));
  // What a careless program once wrote into the tables.
  await execute(`update refresh_asset set reason = reason || $1 where id = 6`, [
    ` postgresql://me:${encodeURIComponent(CANARY)}@h/d`,
  ]);
  const server = await startServer([], { url: warehouse.urls.reader });
  return {
    warehouse,
    server,
    cli: async (...args) =>
      JSON.parse(
        (await runCli([...args, '--json'], { env: { TARGET_DB_URL: warehouse.urls.reader } })).stdout,
      ),
    async close() {
      const code = await server.stop();
      await warehouse.drop();
      return code;
    },
  };
}
