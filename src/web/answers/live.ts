/** The state of database and run, looked at once a second while somebody listens. */

import { findEndedRun } from '../../storage/runs/progress.js';
import type { Database } from '../../storage/session/database.js';
import type { DatabaseState, LastStart, LiveRun, LiveState, RunStatus } from '../api/api-types.js';
import { answerOf } from './errors.js';
import { readLiveRun } from './runs.js';
import { isoOfUs } from './times.js';

const EVERY_MS = 1_000;
/** A database that takes longer for three short questions is as good as away. */
const LONGEST_MS = 4_000;

export interface LiveWatch {
  /** Looks now, unless it has looked within a second. */
  look(): Promise<LiveState>;
  /** Calls back with the state at once, and whenever it has changed; returns how to end it. */
  listen(listener: (state: LiveState) => void): () => void;
  close(): void;
}

/** Watches through a connection of its own: questions of pages do not keep it waiting. */
export function watchLive(
  database: Database,
  { warehouse, readLastStart }: { warehouse: LiveState['warehouse']; readLastStart: () => LastStart | null },
): LiveWatch {
  const listeners = new Set<(state: LiveState) => void>();
  let known: DatabaseState = { isUp: true, since: new Date().toISOString(), error: null };
  let newest: { state: LiveState; words: string; atMs: number } | null = null;
  let looking: Promise<LiveState> | null = null;
  const lookOnce = async (): Promise<LiveState> => {
    const found = await readState(database);
    const now = new Date().toISOString();
    const error = 'error' in found ? found.error : null;
    if (known.isUp !== (error === null) || known.error !== error)
      known = { isUp: error === null, since: known.isUp === (error === null) ? known.since : now, error };
    const rest = {
      warehouse,
      database: known,
      run: 'error' in found ? null : found.run,
      lastRun: 'error' in found ? (newest?.state.lastRun ?? null) : found.lastRun,
      lastStart: readLastStart(),
    };
    const words = JSON.stringify(rest);
    const state = { now, ...rest };
    const isNew = words !== newest?.words;
    newest = { state, words, atMs: performance.now() };
    if (isNew) for (const listener of listeners) listener(state);
    return state;
  };
  const look = (): Promise<LiveState> => {
    if (newest !== null && performance.now() - newest.atMs < EVERY_MS / 2)
      return Promise.resolve(newest.state);
    looking ??= lookOnce().finally(() => {
      looking = null;
    });
    return looking;
  };
  const timer = setInterval(() => {
    if (listeners.size > 0) void look();
  }, EVERY_MS).unref();
  return {
    look,
    listen(listener) {
      listeners.add(listener);
      void look().then((state) => {
        if (listeners.has(listener)) listener(state);
      });
      return () => listeners.delete(listener);
    },
    close: () => clearInterval(timer),
  };
}

type Found = { run: LiveRun | null; lastRun: LiveState['lastRun'] } | { error: string };

async function readState(database: Database): Promise<Found> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Found>((resolve) => {
    timer = setTimeout(
      () => resolve({ error: `the database does not answer: nothing came within ${LONGEST_MS / 1000} s` }),
      LONGEST_MS,
    );
  });
  const asked = database
    .read(async (tx) => {
      const ended = await findEndedRun(tx);
      return {
        run: await readLiveRun(tx),
        lastRun: ended === null ? null : lastRunOf(ended),
      };
    })
    .catch((error: unknown): Found => ({ error: answerOf(error).error }));
  try {
    return await Promise.race([asked, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function lastRunOf({
  run,
  command,
  status,
  finishedUs,
}: NonNullable<Awaited<ReturnType<typeof findEndedRun>>>): NonNullable<LiveState['lastRun']> {
  return { run, command, status: status as RunStatus, finishedAt: isoOfUs(finishedUs) };
}
