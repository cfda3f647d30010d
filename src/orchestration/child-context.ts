import { z } from 'zod';
import type { LeaseToken } from '../storage/lease.js';

/** What a parent hands to its children by environment: where to write, and under which lease. */
export interface ChildContext {
  dbUrl: string;
  schema: string;
  source: string | null;
  lease: LeaseToken | null;
  /** Source rows dated later do not count (epoch microseconds); null or left out: the database's now. */
  asOfUs?: number | null | undefined;
  /** Assets in one transaction; null or left out: the usual number. */
  batchAssets?: number | null | undefined;
}

/** A variable of its own: the child must not look for a database itself and find another one (a config file, say). */
const VARIABLE = 'BARWRIGHT_CHILD';

const schema = z.object({
  dbUrl: z.string(),
  schema: z.string(),
  source: z.string().nullable(),
  lease: z.object({ name: z.string(), token: z.number() }).nullable(),
  asOfUs: z.int().nullish(),
  batchAssets: z.int().positive().nullish(),
});

/** The environment for a child, with the context in it. */
export function childEnvironment(context: ChildContext): NodeJS.ProcessEnv {
  return { ...process.env, [VARIABLE]: JSON.stringify(context) };
}

/** The context that a parent gave this process; null when a person (or cron) started it. */
export function findChildContext(env: NodeJS.ProcessEnv = process.env): ChildContext | null {
  const text = env[VARIABLE];
  return text === undefined ? null : schema.parse(JSON.parse(text));
}
