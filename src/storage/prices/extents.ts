/** What the source holds of each asset, and what has changed in it since the last run: for plans. */
import { type Day, dayOfUs } from '../../domain/calendar/day.js';
import type { LostDays } from '../../domain/prices/kept.js';
import type { NotedChange, SourceBase, SourceExtent } from '../../domain/source/extent.js';
import { isXorHash } from '../../domain/source/fingerprint.js';
import type { Tx } from '../session/database.js';
import { readOtherCurrencies } from '../source/money.js';
import { assetsIn, oneAsset, partOf, selectEnd, selectSource, selectWaiting } from '../source/select.js';
import type { Source, SourcePart } from '../source/source.js';
import { readDailyBases } from './daily-bases.js';
import { fingerprintOf, ROW_HASHES, seenRows } from './fingerprint.js';
import { type Print, readFullExtents, readSeenSince, type Wanted } from './seen.js';

/**
 * Extents by asset, in the snapshot of this transaction. Where triggers file notes of change only new rows are read. Of
 * an asset with notes about days up to its watermark, those since a base before them are. Everything is read of an asset
 * without such a base, of one that was read from another relation so far, and of one with a fingerprint in the earlier
 * form (`readFrom`). Without triggers every row is read, for the fingerprint.
 * An asset without rows up to now (or up to the source's as-of time) has an entry with `minUs` null.
 */
export async function readSourceExtents(
  tx: Tx,
  source: Source,
  {
    ids,
    readFrom,
  }: { ids: readonly number[]; readFrom: ReadonlyMap<number, { source: string | null; srcHash: string }> },
): Promise<Map<number, SourceExtent>> {
  const owners = await findOwners(tx, source, { ids, readFrom });
  const extents = new Map<number, SourceExtent>();
  for (const id of ids) {
    const { part, rivals } = owners.get(id) as Owner;
    const state = readFrom.get(id);
    const isOther = state !== undefined && state.source !== part.label;
    const isFormOld = state !== undefined && isXorHash(state.srcHash);
    const { label: relation, rowsOf, fault } = part;
    extents.set(id, { relation, isOther, isFormOld, rivals, rowsOf, fault, ...emptyExtent(source) });
  }
  for (const part of source.parts) {
    const owned = ids.filter((id) => owners.get(id)?.part === part);
    if (owned.length === 0) continue;
    for (const [id, fault] of await readOtherCurrencies(tx, part, owned))
      Object.assign(extents.get(id) ?? {}, { fault: part.fault ?? fault });
    await addExtents(tx, partOf(source, part), { ids: owned, extents });
    await addProvisional(tx, partOf(source, part), { ids: owned, extents });
  }
  return extents;
}

async function addExtents(tx: Tx, source: Source, { ids, extents }: Wanted): Promise<void> {
  if (!source.parts.every(({ isTracked }) => isTracked)) {
    await readFullExtents(tx, source, { ids, extents });
    return;
  }
  await addNotes(tx, ids, extents);
  await addFreshExtents(tx, source, { ids, extents });
  const doubted = await readDoubted(tx, ids);
  const isStrange = (id: number) => {
    const extent = extents.get(id);
    return doubted.has(id) || extent?.isOther === true || extent?.isFormOld === true;
  };
  const noted = ids.filter((id) => !isStrange(id) && extents.get(id)?.noted != null);
  const bases = await readBasesBefore(tx, noted, extents);
  await readSeenSince(tx, source, { bases, extents });
  const others = ids.filter((id) => isStrange(id) || (extents.get(id)?.noted != null && !bases.has(id)));
  if (others.length > 0) await readFullExtents(tx, source, { ids: others, extents });
}

/** Of each asset the newest base of which no note speaks. A note is relied on as an append does (decision 019). */
async function readBasesBefore(
  tx: Tx,
  ids: readonly number[],
  extents: Wanted['extents'],
): Promise<Map<number, SourceBase>> {
  const found = new Map<number, SourceBase>();
  for (const [id, bases] of await readDailyBases(tx, ids)) {
    const fromDay = extents.get(id)?.noted?.fromDay ?? Number.NEGATIVE_INFINITY;
    const base = bases.find(({ lastSrcUs }) => dayOfUs(lastSrcUs) < fromDay);
    if (base !== undefined) found.set(id, base);
  }
  return found;
}

/** Days that wait to be loaded again. */
async function addProvisional(tx: Tx, source: Source, { ids, extents }: Wanted): Promise<void> {
  if (source.acceptProvisional || !source.parts.some(({ projection }) => projection.hasLoadTs)) return;
  const rows = await tx.query<[number, number]>(
    `select id, max(ts) from (${selectWaiting(source, assetsIn('$1::int[]'))}) w group by id`,
    [ids],
  );
  for (const [id, provisionalUs] of rows) Object.assign(extents.get(id) ?? {}, { provisionalUs });
}

/** Whose asset it is; `rivals` are the labels of all parts that have rows of it where these are several. */
export interface Owner {
  part: SourcePart;
  rivals: readonly string[];
}

/** The part that one asset belongs to, now. */
export async function findOwner(tx: Tx, source: Source, id: number): Promise<Owner> {
  const rows = await tx.query<[string | null]>('select source from cmc_price_bars_1d_state where id = $1', [
    id,
  ]);
  const readFrom = new Map(rows.map(([label]) => [id, { source: label }]));
  return (await findOwners(tx, source, { ids: [id], readFrom })).get(id) as Owner;
}

/** The part that each asset belongs to: the one that has its id; where none has, the one that it was read from last. */
async function findOwners(
  tx: Tx,
  { parts }: Source,
  { ids, readFrom }: { ids: readonly number[]; readFrom: ReadonlyMap<number, { source: string | null }> },
): Promise<Map<number, Owner>> {
  const first = parts[0] as SourcePart;
  const found = new Map<number, SourcePart[]>();
  for (const part of parts.length > 1 ? parts : []) {
    const others = new Set(part.otherIds);
    const { idColumn } = part.projection;
    const rows = await tx.query<[number]>(
      `select a.id from unnest($1::int[]) a (id) where exists (select from ${part.relation} src where ${idColumn} = a.id)`,
      [ids.filter((id) => !others.has(id))],
    );
    for (const [id] of rows) found.set(id, [...(found.get(id) ?? []), part]);
  }
  return new Map(
    ids.map((id) => {
      const having = found.get(id) ?? [];
      const before = parts.find(({ label }) => label === readFrom.get(id)?.source);
      const rivals = having.length > 1 ? having.map(({ label }) => label) : [];
      return [id, { part: having[0] ?? before ?? first, rivals }];
    }),
  );
}

function emptyExtent({
  parts,
}: Source): Omit<SourceExtent, 'relation' | 'isOther' | 'isFormOld' | 'rivals' | 'rowsOf' | 'fault'> {
  return {
    relations: parts.map(({ label }) => label),
    provisionalUs: null,
    minUs: null,
    maxUs: null,
    fresh: { rows: 0, hash: '0', minUs: null },
    seen: null,
    noted: null,
    base: null,
    notes: [],
  };
}

/** Assets that were found to differ from their source, though no note says so (asset-proof.ts). */
async function readDoubted(tx: Tx, ids: readonly number[]): Promise<Set<number>> {
  const rows = await tx.query<[number]>('select id from asset_proof where id = any($1) and is_doubted', [
    ids,
  ]);
  return new Set(rows.map(([id]) => id));
}

/** 1D bars of one asset whose source row is gone, and which are not kept yet. */
export interface MissingDays {
  /** Those among the days that the source still has: what the rule against a suspicious shrink counts. */
  vanished: number;
  /** Those before its first day. */
  lost: LostDays | null;
}

/** Missing days by asset; `firstDay` is the first that the source has now, null: it has none. */
export async function readMissingDays(
  tx: Tx,
  source: Source,
  assets: readonly { id: number; firstDay: Day | null }[],
): Promise<Map<number, MissingDays>> {
  if (assets.length === 0) return new Map();
  const rows = await tx.query<[number, number, number, Day | null, Day | null]>(
    `select b.id, count(*) filter (where not q.is_lost), count(*) filter (where q.is_lost),
       min(b.timestamp::date) filter (where q.is_lost), max(b.timestamp::date) filter (where q.is_lost)
     from unnest($1::int[], $2::int[]) a (id, first_day)
     join cmc_price_bars_1d b on b.id = a.id
     cross join lateral (
       select coalesce(b.timestamp < (date '1970-01-01' + a.first_day)::timestamptz, false) as is_lost) q
     where not exists (select from (${selectSource(source, assetsIn('$1::int[]'))}) p where p.id = b.id and p.ts = b.timestamp)
       and not exists (select from price_kept k where k.id = b.id and k.timestamp = b.timestamp)
     group by b.id`,
    [assets.map(({ id }) => id), assets.map(({ firstDay }) => firstDay)],
  );
  return new Map(
    rows.map(([id, vanished, days, fromDay, toDay]) => {
      const lost = fromDay === null || toDay === null ? null : { days, fromDay, toDay };
      return [id, { vanished, lost }];
    }),
  );
}

/** Without one, everything follows on it. */
const WATERMARK = `coalesce(s.last_src_ts, '-infinity')`;

/** Rows after the watermark, and the ends of the history: a few index probes an asset. */
async function addFreshExtents(tx: Tx, source: Source, { ids, extents }: Wanted): Promise<void> {
  const rows = await tx.query<[number, number | null, number | null, number | null, ...Print]>(
    `select a.id, ${selectEnd(source, 'a.id', 'oldest')}, ${selectEnd(source, 'a.id', 'newest')},
       fresh.min_ts, fresh.rows, fresh.sum, fresh.xor
     from unnest($1::int[]) a (id)
     left join cmc_price_bars_1d_state s on s.id = a.id
     cross join lateral (
       select min(ts), ${fingerprintOf()}
       from (select ts, ${ROW_HASHES} from (${selectSource(source, oneAsset('a.id'), WATERMARK)}) q) h) fresh
       (min_ts, rows, sum, xor)`,
    [ids],
  );
  for (const [id, minUs, maxUs, freshMinUs, ...fresh] of rows) {
    Object.assign(extents.get(id) ?? {}, {
      minUs,
      maxUs,
      fresh: { ...seenRows(...fresh), minUs: freshMinUs },
    });
  }
}

/** The notes of each asset: their keys, and in sum those about days up to its watermark. */
async function addNotes(tx: Tx, ids: readonly number[], extents: Wanted['extents']): Promise<void> {
  const rows = await tx.query<[number, string, string, number, number, boolean]>(
    `select n.id, n.note::text, n.op, n.rows, n.from_day,
       s.last_src_ts is not null and n.from_day <= s.last_src_ts::date
     from price_change n left join cmc_price_bars_1d_state s on s.id = n.id
     where n.id = any($1) order by n.id, n.filed_at`,
    [ids],
  );
  for (const [id, note, op, count, fromDay, isBehind] of rows) {
    const extent = extents.get(id);
    if (extent === undefined) continue;
    extent.notes = [...extent.notes, note];
    if (isBehind) extent.noted = addToChange(extent.noted, { op, count, fromDay });
  }
}

function addToChange(
  before: NotedChange | null,
  note: { op: string; count: number; fromDay: number },
): NotedChange {
  const { op, count, fromDay } = note;
  const sum = before ?? { fromDay, inserted: 0, updated: 0, deleted: 0, isTruncated: false };
  return {
    fromDay: Math.min(sum.fromDay, fromDay),
    inserted: sum.inserted + (op === 'I' ? count : 0),
    updated: sum.updated + (op === 'U' ? count : 0),
    deleted: sum.deleted + (op === 'D' ? count : 0),
    isTruncated: sum.isTruncated || op === 'T',
  };
}

/** Deletes exactly the notes that this transaction read; returns how many. A note filed meanwhile stays. */
export async function deleteNotes(tx: Tx, notes: readonly { id: number; note: string }[]): Promise<number> {
  if (notes.length === 0) return 0;
  return tx.execute(
    `delete from price_change c using unnest($1::int[], $2::uuid[]) as n (id, note)
     where c.id = n.id and c.note = n.note`,
    [notes.map(({ id }) => id), notes.map(({ note }) => note)],
  );
}
