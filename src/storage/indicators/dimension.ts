/** dim_indicator: which indicators runs compute. */
import type { Tx } from '../session/database.js';

/** Names of the active rows, by their bytes. */
export async function readActiveIndicators(tx: Tx): Promise<string[]> {
  const rows = await tx.query<[string]>('select name from dim_indicator where active order by name');
  return rows.map(([name]) => name);
}

/** Whether runs have anything to do with indicators: some are active, or values of removed ones are still there. */
export async function findIndicatorWork(tx: Tx): Promise<boolean> {
  const rows = await tx.query<[boolean]>(
    'select exists (select from dim_indicator where active) or exists (select from indicator_carry)',
  );
  return rows[0]?.[0] === true;
}

/** Makes these names active; returns those that were not. */
export async function writeIndicators(tx: Tx, names: readonly string[]): Promise<string[]> {
  const rows = await tx.query<[string]>(
    `insert into dim_indicator as d (name) select distinct unnest($1::text[])
     on conflict (name) do update set active = true where not d.active returning d.name`,
    [names],
  );
  return rows.map(([name]) => name);
}

/** Removes the rows of these names; returns those that there were. */
export async function deleteIndicators(tx: Tx, names: readonly string[]): Promise<string[]> {
  const rows = await tx.query<[string]>('delete from dim_indicator where name = any($1) returning name', [
    names,
  ]);
  return rows.map(([name]) => name);
}

/** A row of dim_indicator, and how many assets have values of it. */
export interface ListedIndicator {
  name: string;
  isActive: boolean;
  /** Assets of which at least one alignment has been written for it. */
  assets: number;
}

/** All rows, and names that are no longer among them but still have values. */
export async function listIndicators(tx: Tx): Promise<ListedIndicator[]> {
  const rows = await tx.query<[string, boolean, number]>(
    `select coalesce(d.name, w.name) collate "C" as name, coalesce(d.active, false), coalesce(w.assets, 0)::int
     from dim_indicator d
     full join (
       select split_part(u.identity, ' ', 1) as name, count(distinct c.id) as assets
       from indicator_carry c cross join lateral unnest(c.indicators) u (identity) group by 1
     ) w on w.name = d.name
     order by 1`,
  );
  return rows.map(([name, isActive, assets]) => ({ name, isActive, assets }));
}
