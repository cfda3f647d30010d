/** Space of rows that a long rewrite has replaced, given back meanwhile: a table then never stands twice. */
import type { ComponentEvent } from '../../domain/planning/outcome.js';
import { readDeadParts, writeVacuum } from '../../storage/runs/vacuum.js';
import type { Database } from '../../storage/session/database.js';

/** So many rewritten rows are worth a look. */
const MANY_ROWS = 50_000;
/** From this part of dead rows on a table is vacuumed. */
const DEAD_PART = 0.2;
const TIMEOUT_MS = 120_000;

/** Clears away after the assets of one component; a help, never a duty: it never throws. */
export interface Clearing {
  /** Takes note of what was rewritten. */
  note(event: ComponentEvent): void;
  /** Vacuums what has many dead rows by now. Call it between two transactions. */
  clear(): Promise<void>;
}

/** `tables`: the large ones that the component rewrites. */
export function startClearing(
  database: Database,
  tables: readonly string[],
  signal: AbortSignal | undefined,
): Clearing {
  let rows = 0;
  let isRefused = false;
  return {
    note(event) {
      if (event.type !== 'asset_finished') return;
      const { action, rowsWritten } = event.outcome;
      if (action === 'repair' || action === 'rebuild') rows += rowsWritten;
    },
    async clear() {
      if (rows < MANY_ROWS || isRefused) return;
      rows = 0;
      try {
        const dead = await readDeadParts(database, tables, null);
        const due = tables.filter((table) => (dead.get(table) ?? 0) >= DEAD_PART);
        if (due.length === 0) return;
        const { left } = await writeVacuum(database, due, { timeoutMs: TIMEOUT_MS, signal });
        // No right to, or no time: it would be the same again. The end of the run says so.
        isRefused = left.length > 0;
      } catch {
        isRefused = true;
      }
    },
  };
}
