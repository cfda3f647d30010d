/** Scenario 15: kill -9 of any process of a run, at any moment; one more run, and nothing shows that it happened. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fingerprints, readContents, readVersions } from '../support/contents.js';
import { randomOf } from '../support/histories.js';
import { waitForSilence } from '../support/locks.js';
import { runsOf, SEED } from '../support/long.js';
import { readVersions as readAssetVersions } from '../support/model/checks.js';
import { keepCells } from '../support/model/rare-states.js';
import { readPlanKinds, StateWatch, WHOLE_RUN } from '../support/model/watch-states.js';
import { note } from '../support/note.js';
import { isAlive, listDescendants, waitFor } from '../support/processes.js';
import { tally } from '../support/tally.js';
import { listFindings } from '../support/verify.js';
import { cloneWarehouse, createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const KILLS = runsOf('KILLS', 12);
const LIMIT_MS = 120_000 + KILLS * 60_000;
const OLD_IDS = Array.from({ length: 18 }, (_, index) => index + 1);
const NEW_IDS = [19, 20];
const IDS = [...OLD_IDS, ...NEW_IDS];

/** 20 assets with everything to do: new days, corrections, a deleted and a late day, two that were never built. */
const PENDING = [
  `insert into cmc_price_histories7
   select id, name, timeopen + d, timeclose + d, timehigh + d, timelow + d, timestamp + d, open, high, low, close,
     volume, marketcap, circulatingsupply, source_file, load_ts
   from cmc_price_histories7, (select interval '40 days') x (d)
   where timestamp > (select max(timestamp) from cmc_price_histories7) - interval '3 days'`,
  'update cmc_price_histories7 set close = low where id in (2, 5) and extract(day from timestamp) = 11',
  'delete from cmc_price_histories7 where id = 3 and extract(day from timestamp) = 12',
  `insert into cmc_price_histories7
   select id, name, timeopen - d, timeclose - d, timehigh - d, timelow - d, timestamp - d, open, high, low, close,
     volume, marketcap, circulatingsupply, source_file, load_ts
   from cmc_price_histories7, (select interval '50 days') x (d)
   where id = 7 and timestamp < (select min(timestamp) from cmc_price_histories7 where id = 7) + interval '2 days'`,
];

let base: Warehouse;
/** What a database has in which nothing was ever disturbed, and how long that took. */
let undisturbed: Fingerprints;
let usualMs: number;

/** A database in which everything is still to be done. */
function clone(): Promise<Warehouse> {
  return cloneWarehouse(base);
}

beforeAll(async () => {
  base = await createWarehouse({}, [{ ids: OLD_IDS, days: 60, endsDaysAgo: 100 }]);
  await expectExit(0, base.run(['refresh', '--all']));
  for (const sql of PENDING) expect(await base.execute(sql)).toBeGreaterThan(0);
  await base.execute(
    `insert into cmc_price_histories7
     select id + 18, name, timeopen, timeclose, timehigh, timelow, timestamp, open, high, low, close, volume,
       marketcap, circulatingsupply, source_file, load_ts
     from cmc_price_histories7 where id in (1, 2)`,
  );
  await base.database.close();
  const calm = await clone();
  const startedMs = performance.now();
  await expectExit(0, calm.run(['refresh', '--all']));
  usualMs = performance.now() - startedMs;
  undisturbed = await readContents(calm.database);
  await calm.drop();
}, LIMIT_MS);
afterAll(() => base?.drop());

/** Runs and kills one process of the run; says which one, and when. */
async function runAndKill(warehouse: Warehouse, random: () => number, isFirst: boolean): Promise<string> {
  // Few as they may be, one is a kill of the parent in the middle of its work.
  const afterMs = (isFirst ? 0.5 : random()) * usualMs;
  const pick = isFirst ? 0 : random();
  const args = ['refresh', '--all', ...(random() < 0.5 ? ['-n', '2'] : [])];
  let killing: Promise<{ family: number[]; who: string }> | null = null;
  const { code, signal } = await warehouse.run(args, {
    onStart: (pid) => {
      killing = killOne(pid, pick, afterMs);
    },
  });
  const { family, who } = (await killing) ?? { family: [], who: 'nobody' };
  await waitFor('the end of all processes of the run', () => (family.some(isAlive) ? null : true));
  await waitForSilence(warehouse.database);
  return `${args.join(' ')}: ${who} of ${family.length} killed after ${Math.round(afterMs)} ms (ended with ${signal ?? code})`;
}

async function killOne(
  pid: number,
  pick: number,
  afterMs: number,
): Promise<{ family: number[]; who: string }> {
  await sleep(afterMs);
  const family = [pid, ...listDescendants(pid)];
  const at = Math.floor(pick * family.length);
  try {
    process.kill(family[at] ?? pid, 'SIGKILL');
    return { family, who: at === 0 ? 'the parent' : `process ${at}` };
  } catch {
    return { family, who: 'nobody (it had ended)' };
  }
}

const UNDISTURBED = { done: [], ended: null, retried: [], changed: [], late: [] } as const;

interface Assets {
  plans: Awaited<ReturnType<typeof readPlanKinds>>;
  versions: Awaited<ReturnType<typeof readAssetVersions>>;
}

/** What a run would do with each asset, and the rows that it has. */
async function readAssets({ database }: Warehouse): Promise<Assets> {
  const plans = await readPlanKinds(database, { ids: IDS, relation: null, tfs: null, operation: WHOLE_RUN });
  return { plans, versions: await readAssetVersions(database, IDS) };
}

function changedOf(before: Assets, after: Assets): number[] {
  return IDS.filter(
    (id) => JSON.stringify(before.versions.get(id)) !== JSON.stringify(after.versions.get(id)),
  );
}

test(
  `after ${KILLS} kills at random moments: every asset whole, nobody writes on, one more run equals an undisturbed one`,
  async () => {
    const random = randomOf(SEED);
    const parents = { killed: 0 };
    const cells = new Map<string, number>();
    for (let round = 1; round <= KILLS; round += 1) {
      const warehouse = await clone();
      const watch = new StateWatch(cells);
      const first = await readAssets(warehouse);
      const what = `round ${round} of seed ${SEED}: ${await runAndKill(warehouse, random, round === 1)}`;
      if (what.includes('the parent')) parents.killed += 1;
      const second = await readAssets(warehouse);
      watch.note({
        ...UNDISTURBED,
        plans: first.plans,
        ...(what.includes('nobody') ? { done: IDS } : { ended: 'killed' }),
        changed: changedOf(first, second),
      });
      const before = await readVersions(warehouse.database);
      expect(await listFindings(warehouse.database, { ids: IDS }), what).toEqual([]);
      expect(await readVersions(warehouse.database), what).toEqual(before);
      await expectExit(0, warehouse.run(['refresh', '--all']));
      watch.note({ ...UNDISTURBED, plans: second.plans, done: IDS });
      expect(await readContents(warehouse.database), what).toEqual(undisturbed);
      expect(await warehouse.query(`select status from refresh_run where status = 'running'`), what).toEqual(
        [],
      );
      await warehouse.drop();
    }
    keepCells(cells);
    note(`[INFO] kill loop: ${KILLS} kills, ${parents.killed} of them of the parent, seed ${SEED}`);
    tally('kills', KILLS);
    expect(parents.killed).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
