/** Which rows the source has up to the watermarks, by number and fingerprint: all of them are read, or those since a base. */
import type { SourceBase, SourceExtent } from '../../domain/source/extent.js';
import { isSameRows, joinSeen, NO_ROWS, type SeenRows } from '../../domain/source/fingerprint.js';
import type { Tx } from '../session/database.js';
import { assetsIn, oneAsset, selectSource } from '../source/select.js';
import type { Source } from '../source/source.js';
import { readDailyBases } from './daily-bases.js';
import { fingerprintOf, RECORD_HASH, ROW_HASHES, seenRows } from './fingerprint.js';

/** Assets whose extents are to be filled in. */
export interface Wanted {
  ids: readonly number[];
  extents: Map<number, SourceExtent>;
}

/** Cells of fingerprintOf. */
export type Print = [rows: number, sum: string, xor: string];

/** SQL of a time in microseconds. */
const time = (us: string) => `to_timestamp(0) + ${us} * interval '1 microsecond'`;

/** Rows up to the older base are of part 0, up to the newer one of part 1, up to the watermark of part 2, later ones of part 3. */
const FRESH = 3;

/** One pass over all rows of these assets. Finds the newest base up to which they are what they were. */
export async function readFullExtents(tx: Tx, source: Source, { ids, extents }: Wanted): Promise<void> {
  const bases = await readDailyBases(tx, ids);
  const ofBases = [...bases].map(([id, own]) => ({ id, newer: own[0], older: own.at(-1) }));
  const rows = await tx.query<[number, number, number, number, ...Print]>(
    `select h.id, h.part, min(h.ts), max(h.ts), ${fingerprintOf()}
     from (
       select q.id, q.ts, q.xor_hash, hashtextextended(q.xor_hash::text collate "C", 0) as hash,
         case when s.last_src_ts is null or q.ts > s.last_src_ts then ${FRESH}
           else coalesce((q.ts > ${time('b.older')})::int + (q.ts > ${time('b.newer')})::int, 0) end as part
       from (select src.id, src.ts, ${RECORD_HASH} as xor_hash from (${selectSource(source, assetsIn('$1::int[]'))}) src offset 0) q
       left join cmc_price_bars_1d_state s on s.id = q.id
       left join unnest($2::int[], $3::bigint[], $4::bigint[]) b (id, older, newer) on b.id = q.id) h
     group by h.id, h.part order by h.id, h.part`,
    [
      ids,
      ofBases.map(({ id }) => id),
      ofBases.map(({ older }) => older?.lastSrcUs),
      ofBases.map(({ newer }) => newer?.lastSrcUs),
    ],
  );
  const parts = new Map<number, Part[]>();
  for (const [id, part, minUs, maxUs, ...print] of rows)
    parts.set(id, [...(parts.get(id) ?? []), { part, minUs, maxUs, rows: seenRows(...print) }]);
  for (const id of ids) {
    const own = parts.get(id) ?? [];
    const upTo = (last: number) => own.filter(({ part }) => part <= last).reduce(join, NO_ROWS);
    const fresh = own.find(({ part }) => part === FRESH);
    Object.assign(extents.get(id) ?? {}, {
      minUs: own[0]?.minUs ?? null,
      maxUs: own.at(-1)?.maxUs ?? null,
      fresh: { ...(fresh?.rows ?? NO_ROWS), minUs: fresh?.minUs ?? null },
      // An asset whose rows are all gone has no part: nothing of it is seen any more.
      seen: upTo(FRESH - 1),
      base: bases.get(id)?.find((base, at) => isUpTo(base, upTo(at === 0 ? FRESH - 2 : 0))) ?? null,
    });
  }
}

function isUpTo({ srcRows, srcHash }: SourceBase, seen: SeenRows): boolean {
  return isSameRows({ rows: srcRows, hash: srcHash }, seen);
}

interface Part {
  part: number;
  minUs: number;
  maxUs: number;
  rows: SeenRows;
}

function join(sum: SeenRows, { rows }: Part): SeenRows {
  return joinSeen(sum, rows);
}

/** Reads the rows after a base only: notes say that those before it are what they were. */
export async function readSeenSince(
  tx: Tx,
  source: Source,
  { bases, extents }: { bases: ReadonlyMap<number, SourceBase>; extents: Wanted['extents'] },
): Promise<void> {
  if (bases.size === 0) return;
  const rows = await tx.query<[number, ...Print]>(
    `select a.id, seen.*
     from unnest($1::int[], $2::bigint[]) a (id, base_us)
     join cmc_price_bars_1d_state s on s.id = a.id
     cross join lateral (
       select ${fingerprintOf()} from (
         select ${ROW_HASHES} from (${selectSource(source, oneAsset('a.id'), `(${time('a.base_us')})`)}) r
         where r.ts <= s.last_src_ts) h) seen`,
    [[...bases.keys()], [...bases.values()].map(({ lastSrcUs }) => lastSrcUs)],
  );
  for (const [id, ...print] of rows) {
    const base = bases.get(id) as SourceBase;
    // Only fingerprints of the form before need the exclusive-or, and a base is never of it.
    const seen = joinSeen({ rows: base.srcRows, hash: base.srcHash, xor: '0' }, seenRows(...print));
    Object.assign(extents.get(id) ?? {}, { seen, base });
  }
}

/** Number and fingerprint of the source rows of one asset up to a time (and up to now). */
export async function readSourceRows(
  tx: Tx,
  source: Source,
  { id, upToUs }: { id: number; upToUs: number },
): Promise<SeenRows> {
  const rows = await tx.query<Print>(
    `select ${fingerprintOf()} from (
       select ${ROW_HASHES} from (${selectSource(source, oneAsset('$1::int'))}) q
       where ts <= ${time('$2::bigint')}) h`,
    [id, upToUs],
  );
  return seenRows(...(rows[0] ?? [0, '0', '0']));
}
