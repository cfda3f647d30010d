import { DAY_US, type Day, formatDay } from '../../../domain/calendar/day.js';
import type { DaySpan } from '../../../domain/source/fetch-plan.js';
import { UsageError } from '../../../domain/text/errors.js';
import type { StagedPrice } from '../../../storage/prices/staging.js';
import { type BadLine, MOST_CHARACTERS } from '../prices/price-source.js';
import { CANDLE_LAYOUT, CANDLES, type Candle, dayOfCandle, priceOfCandle } from '../quotes/candles.js';
import { ask, hasLostAnswer, retryAfterMs } from './fetch-retry.js';
import { type Ccxt, type CcxtExchange, loadCcxt } from './load-ccxt.js';
import type { RemotePrices, RemoteRequest, RemoteSource } from './remote-source.js';

const DAY_MS = DAY_US / 1000;
const REQUEST_TIMEOUT_MS = 20_000;
/** Candles to a request: as many as the exchange gives, where ccxt knows it. */
const MOST_PER_PAGE = 1000;
const PER_PAGE_UNKNOWN = 100;
/** Sixteen years in pages of 100 days are 60; an exchange that never comes to an end is left here. */
const MOST_PAGES = 500;

/**
 * The daily candles of one market of an exchange, through ccxt, which keeps to the exchange's rate limit. Throws
 * UsageError when ccxt or the exchange is not there. BARWRIGHT_EXCHANGE_URL replaces the exchange's own address.
 */
export async function openExchange(
  { exchange: id, symbol }: { exchange: string; symbol: string },
  baseUrl = process.env.BARWRIGHT_EXCHANGE_URL,
): Promise<RemoteSource> {
  const ccxt = await loadCcxt();
  if (!ccxt.exchanges.includes(id)) throw new UsageError(`--exchange ${unknownExchange(ccxt, id)}`);
  const exchange = ccxt.create(id, { timeout: REQUEST_TIMEOUT_MS });
  exchange.fetchImplementation = fetchInTime;
  if (baseUrl !== undefined && baseUrl.trim() !== '') moveTo(exchange, baseUrl.trim());
  if (!exchange.has.fetchOHLCV || exchange.timeframes?.['1d'] === undefined)
    throw new UsageError(`--exchange ${id}: ${exchange.name} gives no daily candles; take another exchange`);
  return {
    label: `${id} ${symbol}`,
    format: CANDLES.format,
    symbol: symbol.split('/')[0] ?? null,
    currency: symbol.split('/')[1] ?? '',
    fetchPrices: (request) => fetchCandles({ ccxt, exchange, id, symbol }, request),
  };
}

/** The limit is that of the whole answer, its body included. */
function fetchInTime(url: string, request: RequestInit): Promise<Response> {
  const signals = [AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...(request.signal ? [request.signal] : [])];
  return fetch(url, { ...request, redirect: 'error', signal: AbortSignal.any(signals) });
}

function unknownExchange({ exchanges }: Ccxt, id: string): string {
  const near = exchanges.filter((known) => known.startsWith(id.slice(0, 3).toLowerCase())).slice(0, 8);
  const hint = near.length === 0 ? '' : `, such as ${near.join(', ')}`;
  return `expects one of the ${exchanges.length} exchanges that ccxt knows${hint}; got "${id}"`;
}

/** Every address of the exchange leads to this server instead; the paths stay. */
function moveTo(exchange: CcxtExchange, baseUrl: string): void {
  const base = URL.parse(baseUrl);
  if (base === null || !/^https?:$/.test(base.protocol))
    throw new UsageError(`BARWRIGHT_EXCHANGE_URL expects an http or https URL, got "${baseUrl}"`);
  exchange.urls.api = withOrigin(exchange.urls.api, base.origin);
}

function withOrigin(urls: unknown, origin: string): unknown {
  if (typeof urls === 'string') return urls.replace(/^[a-z]+:\/\/[^/]+/i, origin);
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, withOrigin(url, origin)]));
}

interface Market {
  ccxt: Ccxt;
  exchange: CcxtExchange;
  id: string;
  symbol: string;
}

async function fetchCandles(market: Market, request: RemoteRequest): Promise<RemotePrices> {
  await findMarket(market, request);
  const sorted: Sorted = { prices: [], leftOut: [], unfinished: 0 };
  let pages = 0;
  for (const span of request.spans) {
    let from = span.first;
    while (from <= span.last) {
      pages += 1;
      if (pages > MOST_PAGES)
        throw new Error(`${market.id} has not come to an end after ${MOST_PAGES} pages`);
      const page = await fetchPage(market, { first: from, last: span.last }, request);
      sortCandles(sorted, page.candles, { request, span });
      from = page.next;
    }
  }
  refuseShifted(market, sorted);
  if (sorted.unfinished > 0)
    request.say(`[INFO] the candle of ${formatDay(request.today)} is left out: its day is not over`);
  const { prices, leftOut } = sorted;
  const said = { id: null, symbol: market.symbol.split('/')[0] ?? null, name: null };
  return { said, prices, bad: [], leftOut, layout: CANDLE_LAYOUT };
}

interface Sorted {
  prices: StagedPrice[];
  leftOut: BadLine[];
  unfinished: number;
}

const MIDNIGHT = 'a daily candle that begins at midnight UTC';

/** A candle that is no day of ours costs that candle. */
function sortCandles(
  sorted: Sorted,
  candles: readonly Candle[],
  { request, span }: { request: RemoteRequest; span: DaySpan },
): void {
  for (const candle of candles) {
    const line = sorted.prices.length + sorted.leftOut.length + 1;
    const found = dayOfCandle(candle);
    if (found === null) {
      const value = JSON.stringify(candle).slice(0, MOST_CHARACTERS);
      sorted.leftOut.push({ line, column: null, value, expected: 'a candle with a time' });
    } else if (found.day >= request.today) sorted.unfinished += 1;
    else if (found.day < span.first || found.day > span.last) continue;
    else if (found.isAtMidnight)
      sorted.prices.push(priceOfCandle(candle, { id: request.id, line, day: found.day }));
    else sorted.leftOut.push({ line, column: null, value: found.begins, expected: MIDNIGHT });
  }
}

/** Where most candles are off midnight, the days of the exchange are others than ours. */
function refuseShifted({ id, symbol }: Market, { prices, leftOut }: Sorted): void {
  const [first] = leftOut.filter(({ expected }) => expected === MIDNIGHT);
  if (first === undefined || leftOut.length <= prices.length) return;
  throw new Error(
    `${id} ${symbol}: expected daily candles that begin at midnight UTC, found one that begins at ${first.value}: its days are not UTC days, take another exchange`,
  );
}

async function findMarket(market: Market, request: RemoteRequest): Promise<void> {
  const { exchange, id, symbol } = market;
  await askExchange(market, request, { what: 'for its markets', work: () => exchange.loadMarkets() });
  if (exchange.markets?.[symbol] !== undefined) return;
  const [base] = symbol.split('/');
  const others = Object.entries(exchange.markets ?? {}).filter(
    ([name, other]) => other?.base === base && !name.includes(':'),
  );
  const hint =
    others.length === 0
      ? `it has none of ${base}`
      : `it has ${others
          .slice(0, 8)
          .map(([name]) => name)
          .join(', ')}`;
  throw new UsageError(`--symbol ${symbol} is no market of ${id}: ${hint}`);
}

interface Page {
  candles: readonly Candle[];
  /** Where the next page begins. */
  next: Day;
}

async function fetchPage(market: Market, { first, last }: DaySpan, request: RemoteRequest): Promise<Page> {
  const { exchange, symbol } = market;
  const most = Math.min(exchange.features?.spot?.fetchOHLCV?.limit ?? PER_PAGE_UNKNOWN, MOST_PER_PAGE);
  // One more than is wanted: the candle that is not over is named.
  const limit = Math.min(most, last - first + 2);
  const candles = await askExchange(market, request, {
    what: `for the candles of ${symbol} from ${formatDay(first)} on`,
    work: () => exchange.fetchOHLCV(symbol, '1d', first * DAY_MS, limit),
  });
  const lastDay = candles.reduce(
    (newest, candle) => Math.max(newest, dayOfCandle(candle)?.day ?? newest),
    Number.NEGATIVE_INFINITY,
  );
  // Before its first candle an exchange may give nothing for as many days as it gives at a time.
  return { candles, next: lastDay >= first ? lastDay + 1 : first + limit };
}

function askExchange<T>(
  { ccxt, exchange, id }: Market,
  { say }: RemoteRequest,
  { what, work }: { what: string; work: () => Promise<T> },
): Promise<T> {
  return ask(work, {
    what: `asking ${id} ${what}`,
    say,
    judge: (error) => {
      if (hasLostAnswer(error)) return { retryAfterMs: 0 };
      // 451: the exchange does not serve this country. ccxt takes it for one that is away.
      if (!(error instanceof ccxt.NetworkError) || / 451 /.test(error.message)) return null;
      // Without an answer these headers are those of an earlier one.
      const isAnswer = /\b(429|418|503)\b/.test(error.message);
      return { retryAfterMs: isAnswer ? retryAfterMs(exchange.last_response_headers?.['Retry-After']) : 0 };
    },
  });
}
