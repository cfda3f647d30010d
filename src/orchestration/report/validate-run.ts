/** `--validate`: what is stored of a run's assets is judged, series by series, and what is found is kept in ema_rejects. */

import { countOf } from '../../domain/causes/format.js';
import { validateAsset } from '../../domain/validation/validate-asset.js';
import { formatViolation, type Violation } from '../../domain/validation/validation.js';
import { readTimeframes } from '../../storage/assets/dimensions.js';
import { describeFailure } from '../../storage/failures/failures.js';
import { holdLease, type LeaseToken } from '../../storage/lease/lease.js';
import { readStoredSeries, upsertFindings } from '../../storage/reading/validation.js';
import type { Database } from '../../storage/session/database.js';

/** What a validation came to. */
export interface ValidationResult {
  /** Assets that were judged. */
  assets: number;
  findings: number;
  /** Ids with findings. */
  ids: number[];
  /** The first findings, in words. */
  first: string[];
  durationSec: number;
  /** Why it did not come to its end; null: it did. */
  error: string | null;
}

export interface ValidationScope {
  database: Database;
  lease: LeaseToken;
  signal: AbortSignal;
}

const MOST_NAMED = 5;
/** Kept of one asset: a series that is wrong from its beginning on is said often enough by then. */
const MOST_KEPT = 1000;

/**
 * Judges these assets one after the other, each in a snapshot of its own, and writes what is found. Never throws: a
 * validation that cannot continue says why in its result. Assets that are not reached keep the findings that they had.
 */
export async function validateRun(
  { database, lease, signal }: ValidationScope,
  ids: readonly number[],
): Promise<ValidationResult> {
  const startedMs = performance.now();
  const result: ValidationResult = {
    ...{ assets: 0, findings: 0, ids: [], first: [], durationSec: 0, error: null },
  };
  try {
    const timeframes = await database.read(readTimeframes);
    for (const id of ids) {
      if (signal.aborted) {
        result.error = 'interrupted';
        break;
      }
      const found = validateAsset(await database.read((tx) => readStoredSeries(tx, id)), timeframes);
      await database.transaction(async (tx) => {
        await holdLease(tx, lease);
        await upsertFindings(tx, id, found.slice(0, MOST_KEPT));
      });
      count(result, id, found);
    }
  } catch (error) {
    result.error = describeFailure(error);
  }
  result.durationSec = (performance.now() - startedMs) / 1000;
  return result;
}

function count(result: ValidationResult, id: number, found: readonly Violation[]): void {
  result.assets += 1;
  result.findings += found.length;
  if (found.length > 0) result.ids.push(id);
  const room = MOST_NAMED - result.first.length;
  for (const violation of found.slice(0, room)) result.first.push(`ID ${id} ${formatViolation(violation)}`);
}

/** What a person must know of it: the warnings of a run. None when all was judged and nothing found. */
export function warningsOfValidation({ findings, ids, first, error }: ValidationResult): string[] {
  const stopped = error === null ? [] : [`validation stopped: ${error}`];
  if (findings === 0) return stopped;
  const more = findings > first.length ? [`… and ${findings - first.length} more in ema_rejects`] : [];
  const head = `validation: ${countOf(findings, 'finding')} in ${countOf(ids.length, 'asset')}`;
  return [`${head}: ${[...first, ...more].join('; ')}`, ...stopped];
}

/** The line of the summary. */
export function formatValidation({ assets, findings, durationSec, error }: ValidationResult): string {
  const tag = findings === 0 && error === null ? '[OK]' : '[WARNING]';
  const found = findings === 0 ? 'nothing found' : 'findings are in ema_rejects';
  return `${tag} validation: ${countOf(assets, 'asset')} judged, ${found}; ${durationSec.toFixed(1)} s`;
}
