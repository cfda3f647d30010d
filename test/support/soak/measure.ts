/** What must stay flat while a warehouse is in use: measured after a run, and compared over time. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Warehouse } from '../warehouse.js';

/** One measurement; each number is one that grows where something leaks. */
export interface Sample {
  /** Memory of the dashboard's process, bytes. */
  memory: number;
  /** Its open descriptors. */
  descriptors: number;
  /** Connections to the database. */
  connections: number;
  /** Tables and indexes with results, without the records of runs, bytes. */
  results: number;
  /** The log of all runs so far, bytes a run. */
  logOfRun: number;
}

/** How much of each number may be added from the first third of the samples to the last. */
const ALLOWED: Readonly<Record<keyof Sample, (before: number) => number>> = {
  memory: (before) => before * 1.3 + 20e6,
  descriptors: (before) => before + 3,
  connections: (before) => before + 3,
  results: (before) => before * 1.5 + 1e6,
  logOfRun: (before) => before * 1.3 + 500,
};

/** `pid` is the dashboard's; `runs` is how many have written into the log. */
export async function takeSample(
  warehouse: Warehouse,
  { pid, logFolder, runs }: { pid: number; logFolder: string; runs: number },
): Promise<Sample> {
  const [row] = await warehouse.query<[number, number]>(
    `select (select count(*) from pg_stat_activity where datname = current_database()),
       (select sum(pg_total_relation_size(c.oid)) from pg_class c
        where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and c.relname not like 'refresh_%')`,
  );
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return {
    memory: pages * 4096,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    connections: Number(row?.[0]),
    results: Number(row?.[1]),
    logOfRun: sizeOfFolder(logFolder) / Math.max(1, runs),
  };
}

function sizeOfFolder(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Medians of the first and of the last third, by name, and what has grown more than it may. */
export function compareSamples(samples: readonly Sample[]): { table: string[]; grown: string[] } {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const table: string[] = [];
  const grown: string[] = [];
  for (const name of Object.keys(ALLOWED) as (keyof Sample)[]) {
    const before = medianOf(samples.slice(0, third).map((sample) => sample[name]));
    const after = medianOf(samples.slice(-third).map((sample) => sample[name]));
    const line = `${name}: ${Math.round(before)} to ${Math.round(after)}`;
    table.push(line);
    if (!(after <= ALLOWED[name](before))) grown.push(line);
  }
  return { table, grown };
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
