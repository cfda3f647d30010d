import { createHash } from 'node:crypto';

/** pg-boss: names of schemas have at most 50 bytes. */
const LONGEST_NAME = 50;

/** The schema of the queue of a warehouse: "public_queue" for "public"; a name that cannot be so extended gives a hash. */
export function readQueueSchema(schema: string): string {
  const name = `${schema}_queue`;
  if (/^[a-z_][a-z0-9_]*$/.test(name) && name.length <= LONGEST_NAME) return name;
  return `barwright_${createHash('sha256').update(schema).digest('hex').slice(0, 12)}_queue`;
}

/**
 * What a worker or a run does to the tables of the queue, and no more. Names, definitions and versions are read only: the
 * library makes statements of them, and the owner's "init --queue" runs those; so would it run the commands in "bam".
 */
export const QUEUE_RIGHTS: ReadonlyMap<string, string> = new Map([
  ['version', 'select'],
  ['queue', 'select'],
  ['job', 'select, insert, update, delete'],
  ['job_common', 'select, insert, update, delete'],
]);
