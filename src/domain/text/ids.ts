import { UsageError } from './errors.js';

const MAX_ID = 2_147_483_647;

/**
 * Reads a list of asset ids: "all" in any case is null (= all), otherwise numbers 1 … 2147483647 separated by commas.
 * Blanks and empty parts are dropped, duplicates count once, the order stays.
 * Throws UsageError naming the part that is no id, or when nothing is left.
 */
export function parseIdList(text: string): number[] | null {
  if (text.trim().toLowerCase() === 'all') return null;
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0)
    throw new UsageError(`--ids expects "all" or numbers like "1,52,825", got "${text}"`);
  return [...new Set(parts.map(parseId))];
}

/** One asset id from text; throws UsageError naming it. */
export function parseId(text: string): number {
  const id = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!(id >= 1 && id <= MAX_ID)) {
    throw new UsageError(`--ids expects "all" or numbers from 1 to ${MAX_ID} like "1,52,825", got "${text}"`);
  }
  return id;
}

/** The text that parseIdList reads back: "all" for null, numbers otherwise. */
export function formatIds(ids: readonly number[] | null): string {
  return ids === null ? 'all' : ids.join(',');
}
