/** Breaks a run at its N-th statement: at the wire, through a proxy, or in the server, by an error of its own. */
import type { Database, Tx } from '../../src/storage/session/database.js';
import type { DatabaseProxy, FrontendMessage, Verdict } from './proxy.js';

/** A statement begins, or the rows of a COPY have all been sent. */
function isPoint({ type }: FrontendMessage): boolean {
  return type === 'Q' || type === 'P' || type === 'c';
}

/** What went over the wire. */
export interface Break {
  /** The statements of the points seen so far; '' for the end of a COPY's rows. */
  seen: string[];
}

/** Breaks the connection once, at the N-th point from now on. */
export function breakAt(proxy: DatabaseProxy, at: number, verdict: Verdict): Break {
  const found: Break = { seen: [] };
  proxy.onMessage((message) => {
    if (!isPoint(message)) return 'forward';
    found.seen.push(message.sql);
    return found.seen.length === at ? verdict : 'forward';
  });
  return found;
}

/** What the server can be made to say instead of a statement's answer. */
export const SERVER_ERRORS = {
  cancelled: ['select pg_cancel_backend(pg_backend_pid()), pg_sleep(5)'],
  'timed out': ['set local statement_timeout = 1', 'select pg_sleep(5)'],
  'a deadlock': [`do $$ begin raise exception 'deadlock detected' using errcode = '40P01'; end $$`],
} as const;

export interface FailureAt {
  at: number;
  error: keyof typeof SERVER_ERRORS;
  /** The N-th statement of each transaction fails; otherwise once, of the whole run. */
  isEach: boolean;
}

/** The database with real errors of the server at the N-th statement of its write transactions. */
export function failAt(inner: Database, { at, error, isEach }: FailureAt) {
  let inRun = 0;
  let failures = 0;
  const failing = (tx: Tx): Tx => {
    let inTransaction = 0;
    const fail = async () => {
      inRun += 1;
      inTransaction += 1;
      if ((isEach ? inTransaction : inRun) !== at) return;
      failures += 1;
      for (const sql of SERVER_ERRORS[error]) await tx.execute(sql);
    };
    return {
      async query(sql, params) {
        await fail();
        return tx.query(sql, params);
      },
      async execute(sql, params) {
        await fail();
        return tx.execute(sql, params);
      },
      async copyIn(sql, chunks) {
        await fail();
        return tx.copyIn(sql, chunks);
      },
      async *copyOut(sql) {
        await fail();
        yield* tx.copyOut(sql);
      },
    };
  };
  const transaction: Database['transaction'] = (work, options) =>
    inner.transaction((tx) => work(failing(tx)), options);
  return { database: { ...inner, transaction }, seen: () => inRun, failures: () => failures };
}
