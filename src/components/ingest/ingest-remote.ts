import { type Day, dayOfCivil, formatDay } from '../../domain/day.js';
import type { Database } from '../../storage/database.js';
import { readFetchPoint } from '../../storage/price-fetch.js';
import { checkPricesWritable } from '../../storage/price-ingest.js';
import { identifyAsset } from './asset.js';
import type { RemotePrices, RemoteSource } from './remote-source.js';
import { checkQuote } from './settle-quote.js';
import { emptyStaged, type IngestReport, stageBatch, storeStaged } from './staging.js';

/** No exchange has daily candles that are older. */
const FIRST_DAY: Day = dayOfCivil(2010, 1, 1);

export interface RemoteOptions {
  readonly id: number;
  /** The first day to ask for; null: go on from the last stored day. */
  readonly since: Day | null;
  readonly skipBadRows: boolean;
  /** Another currency than that of the stored prices is meant. */
  readonly acceptCurrency?: boolean | undefined;
  say(text: string): void;
}

/**
 * Asks for the days of an asset that are over and puts them into cmc_price_histories7: one transaction, begun when all
 * answers are there. Throws UsageError (asset, market or table not usable), BadLineError, and Error.
 */
export async function ingestRemote(
  database: Database,
  source: RemoteSource,
  { id, since, skipBadRows, acceptCurrency, say }: RemoteOptions,
): Promise<IngestReport> {
  const { label: file, format } = source;
  // Read before anything is asked for: a day that was not over then may be told unfinished.
  const quote = { said: source.currency, isAccepted: acceptCurrency };
  const { today, last } = await database.read(async (tx) => {
    await checkQuote(tx, { ...quote, id, file });
    return readFetchPoint(tx, { id, sourceFile: file });
  });
  const from = since ?? goOn(last);
  const fetched = from < today ? await source.fetchPrices({ id, from, today, say }) : NOTHING;
  if (fetched.prices.length + fetched.bad.length === 0 && last === null) {
    throw new Error(
      `${file} gave no day from ${formatDay(from)} on that is over, and none is stored of id ${id}: check what was asked for`,
    );
  }
  return database.transaction(async (tx) => {
    await checkPricesWritable(tx);
    const asset = await identifyAsset(tx, { id, file, said: fetched.said });
    if (source.symbol !== null && asset.symbol !== null && source.symbol !== asset.symbol)
      say(
        `[WARNING] id ${id} is ${asset.symbol}, and prices of ${source.symbol} were asked for: is --id right?`,
      );
    const staged = emptyStaged();
    await stageBatch(tx, staged, { batch: fetched, file, format, skipBadRows });
    return storeStaged(tx, staged, { asset, file, format, label: source.label, quote });
  });
}

const NOTHING: RemotePrices = {
  said: null,
  prices: [],
  bad: [],
  layout: { separator: null, absent: [] },
};

/** The last day is asked for again when it came from here, for it may have been restated; another source's day stays. */
function goOn(last: { day: Day; isOurs: boolean } | null): Day {
  if (last === null) return FIRST_DAY;
  return last.isOurs ? last.day : last.day + 1;
}
