/** What the server answers from. */
import type { Grace } from '../../domain/calendar/lateness.js';
import type { Database, Tx } from '../../storage/session/database.js';
import type { LiveWatch } from '../answers/live.js';
import type { Starts } from '../answers/starts.js';

/** Of one server. */
export interface WebContext {
  database: Database;
  /** Runs `work` on a database whose schema was found to be right, in one read-only snapshot. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  live: LiveWatch;
  /** null: pages may not start a refresh. */
  starts: Starts | null;
  source: string | null;
  /** As typed; null: the usual limit. */
  stalenessHours: number | null;
  /** As typed; left out: one expected day. */
  lateAfter?: Grace | undefined;
  host: string;
  allowedHosts: readonly string[];
  /** null: none is asked for. */
  token: string | null;
  /** Whether every request must have the token, not only those that start a refresh. */
  isTokenDemanded: boolean;
  /** On every sample of /metrics. */
  labels: Record<string, string>;
}
