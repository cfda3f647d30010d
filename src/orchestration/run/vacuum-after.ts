import type { ComponentName } from '../../domain/planning/outcome.js';
import { readDeadParts, readEstimatedRows, writeVacuum } from '../../storage/runs/vacuum.js';
import type { Database } from '../../storage/session/database.js';
import type { ComponentResult } from '../processes/component-result.js';
import type { RefreshReport } from '../report/refresh-report.js';

/** The tables whose rows a component replaces, the large ones first. */
const TABLES: Readonly<Record<ComponentName, readonly string[]>> = {
  bars: ['price_bars', 'cmc_price_bars_1d', 'bar_carry', 'price_rejects'],
  emas: ['ema_points', 'ema_carry'],
  indicators: ['indicator_points', 'indicator_carry'],
};

/** So many rows that were not appended are always much. */
const MANY_ROWS = 10_000;
/** Fewer are much for a small table: from this part of its rows on, */
const LARGE_PART = 0.2;
/** but a handful never is. */
const FEW_ROWS = 500;
/** From this part of dead rows on there is space to win. */
const DEAD_PART = 0.02;
const TIMEOUT_MS = 300_000;

interface VacuumScope {
  report: RefreshReport;
  say: (text: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * After a run that built, rebuilt or repaired much: vacuums the tables of that component, so that the space of the old
 * rows is used again and the planner knows the new ones (a first build has no old rows: analysed only). Whatever becomes of it is said and changes no exit code.
 */
export async function vacuumAfter(database: Database, { report, say, signal }: VacuumScope): Promise<void> {
  if (report.isDryRun || report.heldBy !== null || report.error !== null || signal?.aborted) return;
  try {
    const tables: string[] = [];
    for (const component of report.components) tables.push(...(await tablesRewritten(database, component)));
    if (tables.length === 0) return;
    const clean = await listClean(database, tables, report.run);
    const { done, left } = await writeVacuum(database, tables, { clean, timeoutMs: TIMEOUT_MS, signal });
    const vacuumed = done.filter((table) => !clean.has(table));
    const analysed = done.filter((table) => clean.has(table));
    if (vacuumed.length > 0) say(`[INFO] vacuumed after much was written: ${vacuumed.join(', ')}`);
    if (analysed.length > 0) say(`[INFO] analysed after much was written: ${analysed.join(', ')}`);
    if (left.length > 0) {
      const names = left.map(({ table }) => table).join(', ');
      say(`[INFO] not vacuumed, autovacuum will: ${names} (${left[0]?.why})`);
    }
  } catch (error) {
    say(`[INFO] not vacuumed, autovacuum will: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A first build leaves no old rows: a vacuum would read everything once more for nothing. */
async function listClean(
  database: Database,
  tables: readonly string[],
  run: string | null,
): Promise<Set<string>> {
  const dead = await readDeadParts(database, tables, run);
  return new Set(tables.filter((table) => (dead.get(table) ?? 0) < DEAD_PART));
}

async function tablesRewritten(database: Database, result: ComponentResult): Promise<readonly string[]> {
  const tables = TABLES[result.component as ComponentName];
  const rows = (result.outcomes ?? [])
    .filter(({ action }) => action === 'repair' || action === 'rebuild')
    .reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
  if (tables === undefined || rows < FEW_ROWS) return [];
  if (rows > MANY_ROWS) return tables;
  return rows > LARGE_PART * (await readEstimatedRows(database, tables)) ? tables : [];
}
