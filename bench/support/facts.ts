/** What plain COPY needs for the facts of a refresh alone: 1D bars, closed bars, points; no states, nothing read, nothing computed. */

import { APPENDED, copyInto, type WrittenRows } from './floor.js';
import { timeMs } from './measure.js';
import { withClient } from './server.js';

/** Milliseconds of one transaction that appends them to empty tables of the same columns, keys and checks. */
export async function timeFacts(url: string, written: WrittenRows): Promise<number> {
  return withClient(url, async (client) => {
    for (const table of APPENDED) {
      await client.query(`drop table if exists facts_${table}`);
      await client.query(`create table facts_${table} (like ${table} including all)`);
    }
    return timeMs(async () => {
      await client.query('begin');
      for (const table of APPENDED) await copyInto(client, `facts_${table}`, written.fileOf(table));
      await client.query('commit');
    });
  });
}
