/** Source days of an asset together with those that are kept: what a rebuild is made of, in one place. */
import { DAY_US, dayOfUs } from '../../domain/calendar/day.js';
import type { BarFacts } from '../../domain/planning/plan.js';
import type { DailyState } from '../../domain/prices/daily-state.js';
import { joinKept, priceToKeep } from '../../domain/prices/kept.js';
import {
  type DailyPrice,
  JUDGING_VERSION,
  judgePrices,
  type RowsOf,
  reasonsSince,
} from '../../domain/prices/price.js';
import { parseSplits } from '../../domain/prices/split.js';
import { readKeepable, readKept, writeKept } from '../../storage/prices/kept-days.js';
import type { Tx } from '../../storage/session/database.js';
import { readPrices } from '../../storage/source/prices.js';
import type { Source } from '../../storage/source/source.js';
import { bookWrites, type WriteTally } from './write-tally.js';

/** Every row of the source of one asset, and every day that is kept of it, as judgePrices asks for them. */
export async function readAllDays(tx: Tx, source: Source, id: number): Promise<DailyPrice[]> {
  const prices = (await readPrices(tx, source, { ids: [id], isFromStart: true })).get(id) ?? [];
  return joinKept(prices, (await readKept(tx, [id])).get(id) ?? []);
}

/**
 * All rows of the source of an asset (`prices`) with the days that are kept, and with those that are to be kept from now on:
 * bars before the first row of the source, and bars of rows that older rules took. With `acceptDeletions` nothing is kept.
 * Reads stored bars: ask before they go.
 */
export async function addKeptDays(
  tx: Tx,
  { id, daily, kept, source }: BarFacts,
  { prices, acceptDeletions }: { prices: readonly DailyPrice[]; acceptDeletions: boolean },
): Promise<DailyPrice[]> {
  if (acceptDeletions || source === null) return [...prices];
  const before = kept === null ? [] : ((await readKept(tx, [id])).get(id) ?? []);
  const more = daily === null ? [] : await listToKeep(tx, { id, daily, prices, rowsOf: source.rowsOf });
  return joinKept(prices, joinKept(before, more));
}

async function listToKeep(
  tx: Tx,
  {
    id,
    daily,
    prices,
    rowsOf,
  }: { id: number; daily: DailyState; prices: readonly DailyPrice[]; rowsOf: RowsOf },
): Promise<DailyPrice[]> {
  const [first] = prices;
  if (first === undefined || daily.firstDay === null) return [];
  const firstDay = dayOfUs(first.timestampUs);
  const stampsUs = listRefused(prices, daily.rules, rowsOf);
  if (daily.firstDay >= firstDay && stampsUs.length === 0) return [];
  const splits = parseSplits(daily.splits);
  const beforeUs = firstDay * DAY_US;
  return (await readKeepable(tx, { id, beforeUs, stampsUs })).map((day) =>
    priceToKeep(day, splits, day.bar.timestampUs < beforeUs ? 'gone' : 'refused'),
  );
}

/** Stamps of rows that are refused now and were not by the rules that the bars were made by. */
function listRefused(prices: readonly DailyPrice[], rules: number, rowsOf: RowsOf): number[] {
  if (rules === JUDGING_VERSION) return [];
  const reasons: readonly string[] = reasonsSince(rules);
  return judgePrices(prices, 1, { rowsOf })
    .rejects.filter(({ action, reason }) => action === 'rejected' && reasons.includes(reason))
    .map(({ timestampUs }) => timestampUs);
}

/** Keeps exactly the days that bars were made of just now. */
export async function storeKept(
  tx: Tx,
  { id, kept: before }: BarFacts,
  { kept, tally }: { kept: readonly DailyPrice[]; tally: WriteTally },
): Promise<void> {
  if (before === null && kept.length === 0) return;
  const { needed, written } = await writeKept(tx, id, kept);
  bookWrites(tally, 'price_kept', { rows: Array.from({ length: needed }, () => ({ id })), written });
}
