/** A database whose rows come in any order where a statement names none: what the server is free to do, done every time. */
import { loadModule, parseSync } from 'libpg-query';
import { eachRow } from '../../../src/storage/copy/decode.js';
import type { Database, Tx } from '../../../src/storage/session/database.js';

await loadModule();

/** The same database with the rows of every read shuffled whose order is not named at the top level of its statement. */
export function shuffledDatabase(database: Database, seed = 1): Database {
  const shuffle = createShuffle(seed);
  const shuffled = (tx: Tx): Tx => ({
    ...tx,
    async query<R extends unknown[]>(sql: string, params?: readonly unknown[]): Promise<R[]> {
      const rows = await tx.query<R>(sql, params);
      return isOrdered(sql) ? rows : shuffle(rows);
    },
    copyOut: (sql) =>
      isOrdered(sql) || !sql.includes('format binary') ? tx.copyOut(sql) : copyShuffled(tx, sql, shuffle),
  });
  return {
    ...database,
    transaction: (work, options) => database.transaction((tx) => work(shuffled(tx)), options),
    read: (work) => database.read((tx) => work(shuffled(tx))),
    repeatable: (work) => database.repeatable((tx) => work(shuffled(tx))),
  };
}

type Shuffle = <T>(rows: readonly T[]) => T[];

/** Fisher and Yates with a generator of our own, so that a seed repeats it. */
function createShuffle(seed: number): Shuffle {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return (rows) => {
    const shuffled = [...rows];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = next(last + 1);
      [shuffled[last], shuffled[other]] = [shuffled[other] as never, shuffled[last] as never];
    }
    return shuffled;
  };
}

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.from([0xff, 0xff]);

async function* copyShuffled(tx: Tx, sql: string, shuffle: Shuffle): AsyncGenerator<Buffer> {
  const rows: Buffer[] = [];
  await eachRow(tx.copyOut(sql), (bytes) => rows.push(Buffer.from(bytes)));
  yield HEADER;
  for (const row of shuffle(rows)) yield row;
  yield TRAILER;
}

type Node = Record<string, unknown>;
const known = new Map<string, boolean>();

/** Whether a statement names the order of its rows at its top level. */
function isOrdered(sql: string): boolean {
  let ordered = known.get(sql);
  if (ordered === undefined) {
    const { stmts = [] } = parseSync(sql) as { stmts?: { stmt: Node }[] };
    const stmt = stmts.at(-1)?.stmt ?? {};
    const select = (stmt.CopyStmt as { query?: Node } | undefined)?.query ?? stmt;
    ordered = (select.SelectStmt as Node | undefined)?.sortClause !== undefined;
    known.set(sql, ordered);
  }
  return ordered;
}
