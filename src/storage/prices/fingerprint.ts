/** SQL for the fingerprint of source rows (decision 018); what is done with it is in domain/source/fingerprint.ts. */
import { hashOfSum, isXorHash, type SeenRows } from '../../domain/source/fingerprint.js';

/** Every column that bars use, as one 64-bit number: the hash that fingerprints were made of in the form before. */
export const RECORD_HASH = `hash_record_extended(row(ts, time_open, time_close, time_high, time_low, open, high, low, close,
  volume, market_cap, src_name, src_file, load_ts), 0)`;

/**
 * Columns `hash` and `xor_hash` of a source row. The hash of a record is a polynomial of the hashes of its columns: in a
 * sum of such hashes two rows may change places column by column, and nothing is seen. So it is hashed once more.
 */
export const ROW_HASHES = `hashtextextended((${RECORD_HASH})::text collate "C", 0) as hash, ${RECORD_HASH} as xor_hash`;

/** Three cells: number, sum and exclusive-or of the rows with these columns; `filter` is SQL. */
export function fingerprintOf(filter = 'true'): string {
  return `count(*) filter (where ${filter}), coalesce(sum(hash) filter (where ${filter}), 0)::text,
    coalesce(bit_xor(xor_hash) filter (where ${filter}), 0)::text`;
}

/** What those three cells say. */
export function seenRows(rows: number, sum: string, xor: string): SeenRows {
  return { rows, hash: hashOfSum(sum), xor };
}

/** SQL for a stored fingerprint as storedHash has it, of a table with src_hash and src_form. */
export const STORED_HASH = `case when src_form = 1 then 'xor:' else '' end || src_hash`;

/** src_form of a stored fingerprint. */
export function formOf(stored: string): 1 | 2 {
  return isXorHash(stored) ? 1 : 2;
}
