import { type Day, dayOfCivil, dayOfUs, formatDay } from '../../../domain/calendar/day.js';
import { planFetch } from '../../../domain/source/fetch-plan.js';
import { readFetchFacts, writeAskedHoles } from '../../../storage/prices/fetched.js';
import { checkPricesWritable } from '../../../storage/prices/staging.js';
import type { Database } from '../../../storage/session/database.js';
import { identifyAsset } from '../cells/asset.js';
import { checkQuote } from '../load/settle-quote.js';
import { emptyStaged, type IngestReport, stageBatch, storeStaged } from '../load/staging.js';
import type { RemotePrices, RemoteSource } from './remote-source.js';

/** No exchange has daily candles that are older. */
const FIRST_DAY: Day = dayOfCivil(2010, 1, 1);

export interface RemoteOptions {
  readonly id: number;
  /** The first day to ask for; null: the newest days, what is new, and holes (see planFetch). */
  readonly since: Day | null;
  readonly skipBadRows: boolean;
  /** Another currency than that of the stored prices is meant. */
  readonly acceptCurrency?: boolean | undefined;
  /** Raw prices over adjusted ones are meant. */
  readonly acceptAdjustment?: boolean | undefined;
  say(text: string): void;
}

/**
 * Asks for the days of an asset that are over and puts them into cmc_price_histories7: one transaction, begun when all
 * answers are there. Throws UsageError (asset, market or table not usable), BadLineError, and Error.
 */
export async function ingestRemote(
  database: Database,
  source: RemoteSource,
  { id, since, skipBadRows, acceptCurrency, acceptAdjustment, say }: RemoteOptions,
): Promise<IngestReport> {
  const { label: file, format } = source;
  const quote = {
    said: source.currency,
    isAccepted: acceptCurrency,
    isAdjustmentAccepted: acceptAdjustment,
  };
  const place = { id, sourceFile: file };
  // Read before anything is asked for: a day that was not over then counts as unfinished.
  const facts = await database.read(async (tx) => {
    await checkQuote(tx, { ...quote, id, file });
    return readFetchFacts(tx, place);
  });
  const { today } = facts;
  const { spans, kept, holes } = planFetch({ ...facts, since }, FIRST_DAY);
  const answer = spans.length === 0 ? NOTHING : await source.fetchPrices({ id, spans, today, say });
  const fetched = {
    ...answer,
    prices: answer.prices.filter((price) => !kept.has(dayOfUs(price.timestampUs))),
  };
  if (fetched.prices.length + fetched.bad.length === 0 && facts.stored.length === 0) {
    const from = spans[0]?.first ?? today;
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
    const { leftOut = [], layout } = fetched;
    await stageBatch(tx, staged, { batch: fetched, file, format, skipBadRows });
    await stageBatch(tx, staged, {
      ...{ batch: { prices: [], bad: leftOut, layout }, file, format, skipBadRows: true },
    });
    const report = await storeStaged(tx, staged, { asset, file, format, label: source.label, quote });
    await writeAskedHoles(tx, place, holes);
    return report;
  });
}

const NOTHING: RemotePrices = { said: null, prices: [], bad: [], layout: { separator: null, absent: [] } };
