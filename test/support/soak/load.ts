/** What happens to a warehouse that is in use for long: one change of the source, then a run, now and then disturbed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { waitForSilence } from '../locks.js';
import type { OwnServer } from '../own-server.js';
import { isAlive, listDescendants, waitFor } from '../processes.js';
import type { Warehouse } from '../warehouse.js';

/** Assets of the warehouse; none is added, so nothing that grows can be explained by more facts. */
export const IDS = [1, 2, 3, 4];
export const DAYS = 120;
const KILL_WITHIN_MS = 2_000;
/** Every so many rounds. */
const RESTART_EVERY = 9;

/** How often things happened. */
export interface SoakCounts {
  runs: number;
  kills: number;
  restarts: number;
}

/** Changes of rows that are there: corrections, deletions and what brings them back. */
const CHANGES: readonly string[] = [
  'update cmc_price_histories7 set close = (open + high) / 2 where id = $1 and timestamp = $2::timestamptz',
  'update cmc_price_histories7 set close = (open + low) / 2 where id = $1 and timestamp = $2::timestamptz',
  'update cmc_price_histories7 set volume = volume + 1 where id = $1 and timestamp = $2::timestamptz',
  `with gone as (delete from cmc_price_histories7 where id = $1 and timestamp = $2::timestamptz returning *)
   insert into cmc_price_histories7 select * from gone`,
  'update cmc_price_histories7 set load_ts = load_ts where id = $1 and timestamp = $2::timestamptz',
];

export interface Soaked {
  warehouse: Warehouse;
  server: OwnServer;
  logFolder: string;
  random: () => number;
  counts: SoakCounts;
}

/** One round. Returns whether its run was left in peace, so that what it left behind can be measured. */
export async function soakOnce(soaked: Soaked, round: number): Promise<boolean> {
  const { warehouse, server, random, counts } = soaked;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const id = pick(IDS);
  const days = await warehouse.query<[string]>(
    'select timestamp::text from cmc_price_histories7 where id = $1 order by 1',
    [id],
  );
  await warehouse.execute(pick(CHANGES), [id, pick(days)[0]]);
  if (round % RESTART_EVERY === RESTART_EVERY - 1) {
    await server.restart();
    counts.restarts += 1;
  }
  const isKilled = random() < 0.3 && (await runKilled(soaked));
  if (isKilled) counts.kills += 1;
  else counts.runs += 1;
  return !isKilled;
}

async function runKilled(soaked: Soaked): Promise<boolean> {
  const { warehouse, random } = soaked;
  const [afterMs, victim] = [random() * KILL_WITHIN_MS, random()];
  let killing: Promise<number[]> = Promise.resolve([]);
  await warehouse.run(runArguments(soaked), {
    onStart: (pid) => {
      killing = killOne(pid, { afterMs, victim });
    },
  });
  const family = await killing;
  await waitFor('the end of all processes of the run', () => (family.some(isAlive) ? null : true));
  await waitForSilence(warehouse.database);
  return family.length > 0;
}

/** Kills one of a run's processes; returns them all, or none where the run was over. */
async function killOne(
  pid: number,
  { afterMs, victim }: { afterMs: number; victim: number },
): Promise<number[]> {
  await sleep(afterMs);
  if (!isAlive(pid)) return [];
  const family = [pid, ...listDescendants(pid)];
  try {
    process.kill(family[Math.floor(victim * family.length)] ?? pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
  return family;
}

/** A whole run, as cron starts it. */
export function runArguments({ logFolder }: Pick<Soaked, 'logFolder'>): string[] {
  return ['refresh', '--all', '--log-file', `${logFolder}/refresh.log`, '--quiet'];
}
