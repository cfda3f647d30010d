/**
 * Fingerprints of source rows: a sum of 64-bit hashes, modulo 2^64. It does not depend on the order of rows, that of two
 * disjoint sets is the sum of theirs, and a row that is there twice counts twice. Pure.
 */

/** Source rows of one asset: how many, and their fingerprint, a 64-bit number as text. */
export interface SourceRows {
  rows: number;
  hash: string;
}

/** Rows as they are now, with the fingerprint in both forms: what is stored may be of either. */
export interface SeenRows extends SourceRows {
  /** The exclusive-or of their hashes. */
  xor: string;
}

/** Begins a stored fingerprint in the form before: an exclusive-or, in which two equal rows cancel. */
const XOR = 'xor:';

/** No rows. */
export const NO_ROWS: SeenRows = { rows: 0, hash: '0', xor: '0' };

/** A sum of hashes as the database gives it, of any size, as a fingerprint. */
export function hashOfSum(sum: string): string {
  return String(BigInt.asIntN(64, BigInt(sum)));
}

/** Two disjoint sets of rows as one. Throws for a fingerprint in the form before: it cannot be added to. */
export function joinRows(a: SourceRows, b: SourceRows): SourceRows {
  return { rows: a.rows + b.rows, hash: hashOfSum(String(BigInt(a.hash) + BigInt(b.hash))) };
}

/** The same of rows in both forms. */
export function joinSeen(a: SeenRows, b: SeenRows): SeenRows {
  return { ...joinRows(a, b), xor: String(BigInt(a.xor) ^ BigInt(b.xor)) };
}

/** A fingerprint as a state keeps it: number, and whether it is in the form before. */
export function storedHash(hash: string, isXor: boolean): string {
  return isXor ? `${XOR}${hash}` : hash;
}

/** The number of a stored fingerprint. */
export function numberOfHash(stored: string): string {
  return stored.startsWith(XOR) ? stored.slice(XOR.length) : stored;
}

/** Whether a stored fingerprint is in the form before. */
export function isXorHash(stored: string): boolean {
  return stored.startsWith(XOR);
}

/** The fingerprint of rows in the form of a stored one: so they can be compared. */
export function hashInFormOf(stored: string | null, seen: SeenRows): string {
  return stored !== null && isXorHash(stored) ? storedHash(seen.xor, true) : seen.hash;
}

/** Whether these are the rows that were stored, in whichever form their fingerprint is. */
export function isSameRows(stored: SourceRows, seen: SeenRows): boolean {
  return stored.rows === seen.rows && stored.hash === hashInFormOf(stored.hash, seen);
}

/** A fingerprint that rows with this one cannot have. */
export function otherHash(hash: string): string {
  return storedHash(hashOfSum(String(BigInt(numberOfHash(hash)) + 1n)), isXorHash(hash));
}
