/** Looks up what a run does not know of its causes by itself: symbols, and since when something is wrong. */
import type { Cause } from '../../domain/causes/cause.js';
import { findFailingRunsSince, findOldestPrice, listFailingSince } from '../../storage/runs/cause-facts.js';
import { listSymbols } from '../../storage/runs/comparison.js';
import type { Database, Tx } from '../../storage/session/database.js';
import type { RefreshReport } from './refresh-report.js';

/**
 * Adds symbols and ages to the causes of a closed report. Never throws: what cannot be looked up stays unknown, and the
 * report is complete without it.
 */
export async function lookUpCauses(
  database: Database,
  report: RefreshReport,
  command: string,
): Promise<void> {
  if (report.causes.length === 0) return;
  try {
    report.causes = await database.read(async (tx) => {
      const symbols = await listSymbols(tx, [...new Set(report.causes.flatMap(({ ids }) => ids))]);
      const causes: Cause[] = [];
      for (const cause of report.causes)
        causes.push({
          ...cause,
          symbols: Object.fromEntries(cause.ids.flatMap((id) => pairOf(id, symbols.get(id)))),
          since: cause.since ?? isoOf(await findSince(tx, cause, command)),
        });
      return causes;
    });
  } catch {
    // The reason is the report's own error by then, or passes.
  }
}

function pairOf(id: number, symbol: string | undefined): [number, string][] {
  return symbol === undefined ? [] : [[id, symbol]];
}

/** Epoch microseconds; null: this run is the first to meet it, or it is about nothing that has an age. */
async function findSince(tx: Tx, cause: Cause, command: string): Promise<number | null> {
  const { kind, component, ids } = cause;
  if (kind === 'run_failed' || kind === 'component_failed') return findFailingRunsSince(tx, command);
  if (kind === 'asset_skipped') return findOldestPrice(tx, ids);
  const isOfFailed = kind === 'asset_failed' || kind === 'source_fault' || kind === 'asset_quarantined';
  if (component === null || !isOfFailed) return null;
  const since = await listFailingSince(tx, component, ids);
  return since.size === 0 ? null : Math.min(...since.values());
}

function isoOf(us: number | null): string | null {
  return us === null ? null : new Date(Math.floor(us / 1000)).toISOString();
}
