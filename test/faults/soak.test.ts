/** A warehouse in use for long: corrections, runs, kills and restarts of the server, and nothing grows but the record of runs. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { randomOf } from '../support/histories.js';
import { runsOf, SEED } from '../support/long.js';
import { note } from '../support/note.js';
import { startOwnServer } from '../support/own-server.js';
import { writePrices } from '../support/prices.js';
import { startServer } from '../support/serving.js';
import { DAYS, IDS, runArguments, type Soaked, soakOnce } from '../support/soak/load.js';
import { compareSamples, type Sample, takeSample } from '../support/soak/measure.js';
import { tally } from '../support/tally.js';
import { listFindings } from '../support/verify.js';
import { expectExit, warehouseOf } from '../support/warehouse.js';

const SECONDS = runsOf('SOAK_SECONDS', 20);
const LIMIT_MS = 240_000 + SECONDS * 1_500;
/** So many measurements make a comparison, however slow the machine is. */
const SAMPLES = 6;
const PAGES = ['/api/health', '/api/freshness', '/api/runs', '/metrics'];

test(
  'memory, descriptors, connections, tables and logs stay as they are',
  async () => {
    const server = await startOwnServer();
    const warehouse = warehouseOf(await createTestDatabase({ serverUrl: server.url }));
    const logFolder = join(server.dataDir, 'soak-logs');
    mkdirSync(logFolder);
    const soaked: Soaked = {
      ...{ warehouse, server, logFolder, random: randomOf(SEED) },
      counts: { runs: 0, kills: 0, restarts: 0 },
    };
    await writePrices(warehouse.database, { ids: IDS, days: DAYS });
    await expectExit(0, warehouse.run(runArguments(soaked)));
    const dashboard = await startServer([], { url: warehouse.url });
    const samples: Sample[] = [];
    try {
      const endMs = performance.now() + SECONDS * 1_000;
      for (let round = 0; performance.now() < endMs || samples.length < SAMPLES; round += 1) {
        const isWhole = await soakOnce(soaked, round);
        for (const page of PAGES) expect([200, 503], page).toContain((await dashboard.ask(page)).status);
        if (!isWhole) continue;
        await expectExit(0, warehouse.run(runArguments(soaked)));
        const { runs, kills } = soaked.counts;
        samples.push(await takeSample(warehouse, { pid: dashboard.pid, logFolder, runs: 2 * runs + kills }));
      }
      const { table, grown } = compareSamples(samples);
      const { runs, kills, restarts } = soaked.counts;
      note(
        `[INFO] soak of ${SECONDS} s: ${runs} runs, ${kills} kills, ${restarts} restarts; ${table.join(', ')}; seed ${SEED}`,
      );
      tally('kills', kills);
      expect(grown).toEqual([]);
      expect(await listFindings(warehouse.database, { ids: IDS })).toEqual([]);
    } finally {
      await dashboard.stop();
      await warehouse.drop();
      rmSync(logFolder, { recursive: true, force: true });
      await server.remove();
    }
  },
  LIMIT_MS,
);
