/** The actors of one trace, with their connections: each action of the machine as the program does it. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { LeaseLostError } from '../../../src/storage/failures/lease-lost.js';
import {
  deleteLease,
  type HeldLease,
  type LeaseToken,
  type TakenLease,
  upsertLease,
  writeLeaseHeartbeat,
} from '../../../src/storage/lease/lease.js';
import type { Database, Tx } from '../../../src/storage/session/database.js';
import { execute, runBars } from '../component-runs.js';
import { waitForWaiter } from '../locks.js';
import { type Action, RUNS, type RunName, type State } from './machine.js';
import { endSession, type PausedRun, pauseRun } from './paused-run.js';
import { changeClose, ID, infoOf } from './stage.js';

interface Actor {
  owner: string;
  paused: PausedRun;
  lease: LeaseToken | null;
  asking: Promise<TakenLease> | null;
  running: Promise<unknown> | null;
}

interface Change {
  before: State;
  after: State;
}

/** Who is on the stage while one trace is played. */
export class Scene {
  readonly actors: Readonly<Record<RunName, Actor>>;
  private readonly database: Database;
  private loader: { commit(): Promise<unknown> } | null = null;

  constructor(database: Database) {
    this.database = database;
    const actor = (): Actor => ({
      ...{ owner: randomUUID(), paused: pauseRun(database), lease: null, asking: null, running: null },
    });
    this.actors = { A: actor(), B: actor() };
  }

  /** Does an action of the machine between the states `before` and `after`. */
  async act({ actor, type, run }: Action, { before, after }: Change): Promise<void> {
    if (actor === 'loader') return this.load(type === 'load', after);
    if (actor !== 'killer') return this.run(actor, type, { before, after });
    if (type === 'expire') await execute(this.database, `update refresh_lease set expires = '-infinity'`);
    else if (type === 'restore') await execute(this.database, 'delete from refresh_lease');
    else if (run !== undefined) await this.endRun(this.actors[run], type);
  }

  private async load(isBegun: boolean, { loading }: State): Promise<void> {
    if (!isBegun) {
      await this.loader?.commit();
      this.loader = null;
      return;
    }
    let go = () => {};
    const mayCommit = new Promise<void>((resolve) => {
      go = resolve;
    });
    let writing: Promise<unknown> = Promise.resolve();
    await new Promise<void>((written, reject) => {
      writing = this.database.transaction(async (tx: Tx) => {
        await tx.execute(changeClose(loading ?? 0));
        written();
        await mayCommit;
      });
      writing.catch(reject);
    });
    this.loader = {
      commit: () => {
        go();
        return writing;
      },
    };
  }

  private async run(name: RunName, type: Action['type'], { before, after }: Change): Promise<void> {
    const actor = this.actors[name];
    const { at } = after.runs[name];
    if (type === 'ask' || type === 'granted') {
      actor.asking ??= upsertLease(this.database, infoOf(actor.owner), {
        dead: this.deadHolder(before, name),
      });
      if (at === 'asking') return waitForWaiter(this.database);
      const { lease } = await actor.asking;
      expect(lease !== null, 'it has the lease').toBe(at === 'holding');
      actor.lease = lease;
      return;
    }
    const { lease } = actor;
    if (lease === null) throw new Error(`${name} has no lease`);
    if (type === 'beat') expect(await writeLeaseHeartbeat(this.database, lease)).toBe(true);
    else if (type === 'release') await deleteLease(this.database, lease);
    else await this.work(actor, lease, { isBegun: type === 'begin', isLost: at === 'over' });
  }

  /** The next part of a transaction: up to its fence, up to its COMMIT, or that. */
  private async work(
    actor: Actor,
    lease: LeaseToken,
    { isBegun, isLost }: { isBegun: boolean; isLost: boolean },
  ): Promise<void> {
    if (isBegun) {
      actor.running = runBars(actor.paused.database, { ids: [ID], lease });
      actor.running.catch(() => {});
    }
    if (actor.running === null) throw new Error('nothing is running');
    const going = actor.paused.advance(actor.running);
    if (isLost) await expect(going).rejects.toThrow(LeaseLostError);
    else await going;
  }

  /** Known to have ended: the process that took the lease was killed. */
  private deadHolder({ lease, runs }: State, asker: RunName): HeldLease | null {
    if (lease === null || lease.owner === asker || !runs[lease.owner].isDead) return null;
    const { owner } = this.actors[lease.owner];
    return { name: 'refresh', owner, token: lease.token, info: infoOf(owner) };
  }

  /** A kill leaves what is open in the server as it is; then the server ends it, or does the COMMIT that was on its way. */
  private async endRun(actor: Actor, type: Action['type']): Promise<void> {
    if (type === 'orphan commits') return actor.paused.advance(actor.running ?? Promise.resolve());
    if (type !== 'orphan ends') return;
    await endSession(this.database, actor.paused);
    await actor.running?.catch(() => {});
    actor.running = null;
  }

  /** All who are still on the stage leave it. */
  async end(): Promise<void> {
    for (const name of RUNS) {
      const actor = this.actors[name];
      actor.paused.abandon();
      await actor.running?.catch(() => {});
    }
    for (const name of RUNS) await this.actors[name].asking?.catch(() => {});
    await this.loader?.commit();
    this.loader = null;
  }
}
