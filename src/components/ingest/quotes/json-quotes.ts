import { z } from 'zod';
import { isAssetId, MAX_ASSET_ID } from '../../../domain/prices/assets.js';
import { currencyOfCode } from '../../../domain/prices/currency.js';
import { storedName } from '../../../domain/text/printable.js';
import type { AbsentColumn, StagedPrice } from '../../../storage/prices/staging.js';
import type { SaidAsset } from '../cells/asset.js';
import {
  NUMBER_EXPECTED,
  parseNumberCell,
  parseTextCell,
  parseTimestampCell,
  TEXT_EXPECTED,
  TIMESTAMP_EXPECTED,
} from '../cells/cells.js';
import { type BadLine, emptyPrice, MOST_CHARACTERS } from '../prices/price-source.js';

/** A field that a parser of cells reads (semantics.md §1), after `toCell` has made a cell of what JSON has. */
function field<T>(parse: (text: string) => T | undefined, { expected }: { expected: string }) {
  return z.unknown().transform((value, context): T => {
    const cell = toCell(value);
    const read = cell === undefined ? undefined : parse(cell);
    if (read !== undefined) return read;
    context.addIssue({ code: 'custom', message: expected, input: value });
    return z.NEVER;
  });
}

/** null is an empty cell; a number beyond the range of a double has become Infinity in parsing and cannot be read. */
function toCell(value: unknown): string | undefined {
  if (value === null) return '';
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

const NUMBER = field(parseNumberCell, { expected: NUMBER_EXPECTED.replace('an empty cell', 'null') });
const TIME = field(parseTimestampCell, { expected: TIMESTAMP_EXPECTED });
const TEXT = field(parseTextCell, { expected: TEXT_EXPECTED });
const KEY_TIME = field((text) => parseTimestampCell(text) ?? undefined, {
  expected: TIMESTAMP_EXPECTED.replace(', years', '; not null; years'),
});

const OHLCV = { open: NUMBER, high: NUMBER, low: NUMBER, close: NUMBER, volume: NUMBER, timestamp: KEY_TIME };

const PRICES_EXPECTED = 'an object with open, high, low, close, volume, marketCap, timestamp';
const MONEY_EXPECTED = 'an object with open, high, low, close, volume, market_cap, timestamp: prices in';
const US_DOLLARS = 'USD';

/** A quote of the site's data-api: "timeOpen", and the prices directly in "quote". */
const SITE_QUOTE = z.object(
  {
    timeOpen: TIME,
    timeClose: TIME,
    // The site leaves these two out where it does not know them.
    timeHigh: TIME.optional(),
    timeLow: TIME.optional(),
    quote: z.object(
      { ...OHLCV, marketCap: NUMBER, name: TEXT.optional(), circulatingSupply: NUMBER.optional() },
      { error: PRICES_EXPECTED },
    ),
  },
  { error: 'an object with timeOpen, timeClose, timeHigh, timeLow, quote' },
);

/** A quote of the API: "time_open", and the prices by currency, of which one is read. */
function apiQuoteIn(currency: string) {
  const prices = z.object({ ...OHLCV, market_cap: NUMBER }, { error: `${MONEY_EXPECTED} ${currency}` });
  return z.object({
    time_open: TIME,
    time_close: TIME,
    time_high: TIME.optional(),
    time_low: TIME.optional(),
    quote: z.object({ [currency]: prices }, { error: 'an object with the prices by currency' }),
  });
}

/** One for each currency: to make it takes longer than to read a quote with it. */
const API_QUOTES_IN = new Map<string, ReturnType<typeof apiQuoteIn>>();

function apiQuote(currency: string) {
  const known = API_QUOTES_IN.get(currency) ?? apiQuoteIn(currency);
  API_QUOTES_IN.set(currency, known);
  return known;
}

/**
 * The currency that the API's quotes are read in: US dollars where any quote has them, else the one that all of them have;
 * null for quotes of the site, which say it in "name".
 */
function currencyOfQuotes(quotes: readonly unknown[]): string | null {
  const asked = quotes.filter(isApiQuote);
  if (asked.length === 0) return null;
  const keys = asked.flatMap((each) =>
    isObject(each) && isObject(each.quote) ? Object.keys(each.quote) : [],
  );
  const [first = US_DOLLARS] = keys;
  const isOne = keys.every((key) => key === first) && currencyOfCode(first) !== null;
  return isOne ? first : US_DOLLARS;
}

/** Turns quotes into prices of asset `id`; the first of them is quotes[`first`] of the file. */
export function parseQuotes(
  quotes: readonly unknown[],
  { id, first, currency }: { id: number; first: number; currency?: string | null | undefined },
): { prices: StagedPrice[]; bad: BadLine[] } {
  const prices: StagedPrice[] = [];
  const bad: BadLine[] = [];
  for (const [index, quote] of quotes.entries()) {
    const line = first + index;
    const { data, error } = parseQuote(quote, currency ?? US_DOLLARS);
    if (data !== undefined) prices.push({ ...emptyPrice(id, line), ...data });
    else bad.push(describeIssue(quote, error.issues[0], line));
  }
  return { prices, bad };
}

type QuoteValues = Omit<StagedPrice, 'id' | 'line' | 'name' | 'circulatingSupply'> & Partial<StagedPrice>;

function parseQuote(
  quote: unknown,
  currency: string,
): { data: QuoteValues; error?: undefined } | { data?: undefined; error: z.ZodError } {
  if (isApiQuote(quote)) {
    const { data, error } = apiQuote(currency).safeParse(quote);
    if (error !== undefined) return { error };
    const prices = data.quote[currency] as NonNullable<(typeof data.quote)[string]>;
    const { market_cap: marketCap, timestamp: timestampUs, ...ohlcv } = prices;
    const times = [data.time_open, data.time_close, data.time_high, data.time_low];
    return { data: { ...timesUs(times), ...ohlcv, marketCap, timestampUs } };
  }
  const { data, error } = SITE_QUOTE.safeParse(quote);
  if (error !== undefined) return { error };
  const { timestamp: timestampUs, name = null, circulatingSupply = null, ...values } = data.quote;
  const times = [data.timeOpen, data.timeClose, data.timeHigh, data.timeLow];
  return { data: { ...timesUs(times), ...values, name, circulatingSupply, timestampUs } };
}

function timesUs([open = null, close = null, high = null, low = null]: (number | null | undefined)[]) {
  return { timeOpenUs: open, timeCloseUs: close, timeHighUs: high, timeLowUs: low };
}

function isApiQuote(quote: unknown): boolean {
  return isObject(quote) && 'time_open' in quote;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeIssue(quote: unknown, issue: z.core.$ZodIssue | undefined, line: number): BadLine {
  const path = issue?.path ?? [];
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[String(key)] : undefined), quote);
  const column = path.length === 0 ? null : path.join('.');
  return { line, column, value: describeValue(found), expected: issue?.message ?? 'a quote' };
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    return 'a number too large to hold';
  if (Array.isArray(value)) return 'a list';
  // Not spelt out: it may be as large and as deep as the file.
  if (isObject(value)) return 'an object';
  const text = String(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/** Columns that no quote of the file speaks of: an older file must not empty what a newer one has filled. */
export function absentColumns(quotes: readonly unknown[]): AbsentColumn[] {
  const has = (key: string) =>
    quotes.some((quote) => isObject(quote) && isObject(quote.quote) && key in quote.quote);
  const absent: AbsentColumn[] = [];
  if (!has('name')) absent.push('name');
  if (!has('circulatingSupply')) absent.push('circulatingsupply');
  return absent;
}

const FACT = z
  .string()
  .transform((text) => storedName(parseTextCell(text.trim()) ?? null))
  .nullish()
  .transform((text) => text ?? null);

const ASSET = z.object({
  id: z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
    .refine(isAssetId)
    .nullish()
    .catch(({ value }) => (value === undefined || value === null ? null : Number.NaN))
    .transform((id) => id ?? null),
  name: FACT.catch(null),
  symbol: FACT.catch(null),
  quotes: z.array(z.unknown()),
});

/** Whether a document is CoinMarketCap's: it has "quotes", a list of them, or its status. */
export function isQuotesDocument(document: unknown): boolean {
  if (Array.isArray(document)) return document.slice(0, 20).some(isQuote);
  if (!isObject(document)) return false;
  const { data } = document;
  const holders = [document, data, ...(isObject(data) ? Object.values(data).slice(0, 20) : [])];
  return (
    holders.some((holder) => isObject(holder) && 'quotes' in holder) || STATUS.safeParse(document).success
  );
}

function isQuote(value: unknown): boolean {
  return isObject(value) && 'quote' in value;
}

const EXPECTED = 'expected CoinMarketCap\'s "quotes" (a list of days), at the top or in "data"';

/**
 * Finds the list of quotes in a document, and the asset beside it. Throws Error when there is none,
 * when there are several assets, or when the document is CoinMarketCap's word that something went wrong.
 */
export function findQuotes(
  document: unknown,
  path: string,
): { asset: SaidAsset | null; quotes: readonly unknown[] } {
  refuseError(document, path);
  const holder = Array.isArray(document) ? { quotes: document } : findHolder(document, path);
  const { data } = ASSET.safeParse(holder);
  if (data === undefined) throw new Error(`${path}: ${EXPECTED}, found none`);
  const { quotes, ...asset } = data;
  if (Number.isNaN(asset.id)) {
    const found = isObject(holder) ? describeValue(holder.id) : '';
    throw new Error(
      `${path}: expected "id" to be a CoinMarketCap id, a number from 1 to ${MAX_ASSET_ID}, found ${JSON.stringify(found)}`,
    );
  }
  return { asset: { ...asset, currency: currencyOfQuotes(quotes) }, quotes };
}

function findHolder(document: unknown, path: string): unknown {
  if (!isObject(document) || 'quotes' in document) return document;
  const { data } = document;
  if (!isObject(data) || 'quotes' in data) return data;
  // Asked for by several ids or symbols, the API gives an object by id or symbol.
  const holders = Object.values(data).filter((value) => isObject(value) && 'quotes' in value);
  if (holders.length > 1) {
    throw new Error(
      `${path} holds the quotes of ${holders.length} assets: expected one asset a file, ask for them one by one`,
    );
  }
  return holders[0];
}

const STATUS = z.object({
  status: z.object({ error_code: z.coerce.number(), error_message: z.string().nullish() }),
});

/** What CoinMarketCap says of an answer that is an error; null when it says nothing. */
export function describeStatus(text: string): string | null {
  try {
    const { status } = STATUS.parse(JSON.parse(text));
    return `${status.error_code}, ${describeValue(status.error_message ?? 'without a message')}`;
  } catch {
    return null;
  }
}

function refuseError(document: unknown, path: string): void {
  const { data } = STATUS.safeParse(document);
  if (data === undefined || data.status.error_code === 0) return;
  const { error_code: code, error_message: message } = data.status;
  throw new Error(
    `${path} holds no prices but an error of CoinMarketCap's, ${code}: ${describeValue(message ?? 'without a message')}`,
  );
}
