import type { LeaseToken } from '../../storage/lease/lease.js';
import { configuredModules, configureModules } from '../../storage/own-indicators/modules.js';
import { VERSION } from '../program/version.js';

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

/** A variable of its own: the child must not look for a database itself and find another one (decision 048). */
const VARIABLE = 'BARWRIGHT_CHILD';

/** The environment for a child, with the context in it, and the files of the user's own indicators. */
export function childEnvironment(context: ChildContext): NodeJS.ProcessEnv {
  const told = { ...context, version: VERSION, modules: configuredModules() };
  return { ...process.env, [VARIABLE]: JSON.stringify(told) };
}

/**
 * The context that a parent gave this process, which then knows its files of indicators; null when a person (or cron) started it. It was written by this same
 * program: another version's is refused, and more is not checked, which would cost each start a tenth of a second.
 */
export function findChildContext(env: NodeJS.ProcessEnv = process.env): ChildContext | null {
  const text = env[VARIABLE];
  if (text === undefined) return null;
  const { version, modules, ...context } = JSON.parse(text) as ChildContext & {
    version?: unknown;
    modules: readonly string[];
  };
  if (version !== VERSION) {
    throw new Error(
      `${VARIABLE} is for the processes of one run: expected that of ${VERSION}, got ${version}; unset it`,
    );
  }
  configureModules(modules);
  return context;
}
