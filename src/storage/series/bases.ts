/** SQL of bases, which are older states: when one is renewed, in which slot it lies, and how damage is seen (decision 115). */

/**
 * Days after which the next base is taken. There are two: one of them is at least so old, the other one at most. A week
 * writes more rows a day, a month makes a restated day replay more.
 */
const BASE_DAYS = 14;

/** The fortnight of a day, as a number: another asset's begins on another day, so that no day renews them all. */
export function fortnightOf(row: string, day: string): string {
  return `((${row}.${day} - date '1970-01-01' + ${row}.id) / ${BASE_DAYS})`;
}

/** The slot of the base that is taken in the fortnight of a day: fortnights take turns. */
export function slotOf(row: string, day: string): string {
  return `(${fortnightOf(row, day)} & 1)`;
}

/** Hash of columns of a row. */
export function hashOf(row: string, columns: readonly string[]): string {
  return `hash_record_extended(row(${columns.map((name) => `${row}.${name}`).join(', ')}), 0)`;
}

/** "a = excluded.a, …": what an upsert of a base sets. */
export function setAll(columns: readonly string[]): string {
  return ['hash', ...columns].map((name) => `${name} = excluded.${name}`).join(', ');
}
