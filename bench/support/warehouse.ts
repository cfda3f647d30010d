/** Databases with seeded source days, not yet refreshed. */
import { dayOfUs } from '../../src/domain/calendar/day.js';
import { writeRows } from '../../src/storage/copy/copy.js';
import { migrate } from '../../src/storage/schema/migrate.js';
import { openDatabase } from '../../src/storage/session/database.js';
import { SOURCE_COLUMNS } from '../../test/support/component-runs.js';
import { seededPrices } from './seeded-prices.js';
import { type BenchServer, settle } from './server.js';

/** Days kept back, to arrive later. */
const SPARE_DAYS = 60;
const YEAR_DAYS = 365.25;

export interface Seeded {
  assets: number;
  /** First day and the day after the last one that is in the source. */
  firstDay: number;
  endDay: number;
}

/** Days before those that are there: the first `assets` get histories that began `years` ago. Before the first refresh. */
export async function lengthenHistories(
  url: string,
  { firstDay, endDay }: Seeded,
  { assets, years }: { assets: number; years: number },
): Promise<void> {
  const began = endDay - Math.round(years * YEAR_DAYS);
  const database = openDatabase(url);
  try {
    await addPrices(database, { assets, firstDay: began, endDay }, { from: began, to: firstDay });
  } finally {
    await database.close();
  }
}

/** A database of `assets` with so many years of days, up to SPARE_DAYS ago. */
export async function createSeeded(
  server: BenchServer,
  name: string,
  { assets, years }: { assets: number; years: number },
): Promise<Seeded> {
  const endDay = dayOfUs(Date.now() * 1000) - SPARE_DAYS;
  const seeded = { assets, firstDay: endDay - Math.round(years * YEAR_DAYS), endDay };
  await server.create(name);
  const database = openDatabase(server.url(name));
  try {
    await migrate(database);
  } finally {
    await database.close();
  }
  await addSeeded(server.url(name), seeded);
  await settle(server.url(name));
  return seeded;
}

/** All days of these assets, into a database whose price table is empty. */
export async function addSeeded(url: string, seeded: Seeded): Promise<void> {
  const database = openDatabase(url);
  try {
    await addPrices(database, seeded, { from: seeded.firstDay, to: seeded.endDay });
  } finally {
    await database.close();
  }
}

/** The next `days` days of every asset arrive. */
export async function appendDays(url: string, seeded: Seeded, days: number): Promise<Seeded> {
  const database = openDatabase(url);
  try {
    await addPrices(database, seeded, { from: seeded.endDay, to: seeded.endDay + days });
  } finally {
    await database.close();
  }
  return { ...seeded, endDay: seeded.endDay + days };
}

async function addPrices(
  database: ReturnType<typeof openDatabase>,
  { assets, firstDay }: Seeded,
  { from, to }: { from: number; to: number },
): Promise<void> {
  await database.transaction((tx) =>
    writeRows(
      tx,
      { table: 'cmc_price_histories7', columns: SOURCE_COLUMNS },
      (function* () {
        for (let id = 1; id <= assets; id += 1) {
          for (const price of seededPrices(id, { firstDay, from, to })) yield { id, price };
        }
      })(),
    ),
  );
}
