/** Traces of the machine on a real server, by the functions of the program: it must come to the same state after each action. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { upsertLease } from '../../../src/storage/lease/lease.js';
import type { Database } from '../../../src/storage/session/database.js';
import { execute, runBars } from '../component-runs.js';
import type { TestDatabase } from '../database.js';
import { type Action, listSteps, nameOf, START, type State } from './machine.js';
import { Scene } from './scene.js';
import { CLOSE, changeClose, ID, infoOf, openStage, type Stage } from './stage.js';

/** A warehouse of one asset, on which traces are played one after another. */
export async function createStage(test: TestDatabase): Promise<Stage<Action>> {
  const stage = await openStage(test, play);
  await reset(stage.database);
  return stage;
}

/** Back to the start: no lease, nothing changed, everything stored. */
async function reset(database: Database): Promise<void> {
  await execute(database, 'delete from refresh_lease');
  await execute(database, changeClose(0));
  await runBars(database, { ids: [ID] });
  expect(await readSeen(database)).toEqual(seenOf(START, null));
}

async function play(database: Database, trace: readonly Action[]): Promise<void> {
  const scene = new Scene(database);
  let state = START;
  const done: string[] = [];
  try {
    for (const action of trace) {
      done.push(nameOf(action));
      const next = listSteps(state).find((step) => nameOf(step.action) === nameOf(action));
      if (next === undefined) throw new Error('the machine has no such step');
      await scene.act(action, { before: state, after: next.state });
      state = next.state;
      if (isSettled(state)) expect(await readSeen(database)).toEqual(seenOf(state, scene));
    }
    await scene.end();
    await expectRecovery(database, state);
  } catch (error) {
    await scene.end();
    throw new Error(`after: ${done.join('; ')}`, { cause: error });
  }
  await reset(database);
}

/** Not between the end of a wait and what it was for: the server does both at once. */
function isSettled(state: State): boolean {
  return listSteps(state).every(({ action }) => action.type !== 'granted');
}

/** Whatever has happened, the next run stores what the source has. */
async function expectRecovery(database: Database, { source, loading }: State): Promise<void> {
  await execute(database, `update refresh_lease set expires = '-infinity'`);
  const { lease } = await upsertLease(database, infoOf(randomUUID()));
  await runBars(database, { ids: [ID], lease });
  const newest = loading ?? source;
  expect(await readSeen(database), 'after another run').toMatchObject({
    source: newest,
    stored: newest,
    notes: 0,
  });
}

/** What anybody can see of a state from outside. */
interface Seen {
  source: number;
  stored: number;
  notes: number;
  owner: string | null;
  token: number | null;
  isLive: boolean | null;
}

async function readSeen(database: Database): Promise<Seen> {
  const rows = await database.read((tx) =>
    tx.query<[number, number, number, string | null, number | null, boolean | null]>(
      `select (select close from cmc_price_histories7 where id = $1 order by timestamp desc limit 1) - $2,
         (select close from cmc_price_bars_1d where id = $1 order by bar_seq desc limit 1) - $2,
         (select count(*) from price_change), l.owner::text, l.token, l.expires > clock_timestamp()
       from (values (1)) one left join refresh_lease l on l.name = 'refresh'`,
      [ID, CLOSE],
    ),
  );
  const [source, stored, notes, owner, token, isLive] = rows[0] as (typeof rows)[number];
  return { source, stored, notes, owner, token, isLive };
}

function seenOf({ source, stored, notes, lease }: State, scene: Scene | null): Seen {
  return {
    ...{ source, stored, notes: notes.length, token: lease?.token ?? null, isLive: lease?.isLive ?? null },
    owner: lease === null || scene === null ? null : scene.actors[lease.owner].owner,
  };
}
