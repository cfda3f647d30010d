import { type Day, dayOfUs, formatDay } from '../../../domain/calendar/day.js';
import { API_LABEL } from '../../../domain/prices/currency.js';
import type { DaySpan } from '../../../domain/source/fetch-plan.js';
import { UsageError } from '../../../domain/text/errors.js';
import { describeStatus, parseQuotes } from '../quotes/json-quotes.js';
import { readQuotes } from '../quotes/json-source.js';
import { API_QUOTES } from '../quotes/quote-formats.js';
import { ask, hasLostAnswer, type Passing, retryAfterMs } from './fetch-retry.js';
import type { RemotePrices, RemoteRequest, RemoteSource } from './remote-source.js';

const API = 'https://pro-api.coinmarketcap.com';
const HISTORY = '/v2/cryptocurrency/ohlcv/historical';
const REQUEST_TIMEOUT_MS = 60_000;
/** The API gives no more at a time: 27 years. */
const MOST_DAYS = 10_000;

/**
 * CoinMarketCap's API with the key of CMC_API_KEY: the days of an asset in US dollars, in one answer, which is read as a
 * file of it is. Throws UsageError when there is no key. CMC_API_URL replaces the API's own address.
 */
export function openCoinMarketCap(env: NodeJS.ProcessEnv = process.env): RemoteSource {
  const key = env.CMC_API_KEY?.trim() ?? '';
  if (key === '')
    throw new UsageError('--coinmarketcap needs a key of its API: set CMC_API_KEY in the environment');
  // Not quoted: it is a secret, however it is spelt.
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new UsageError('CMC_API_KEY has letters in it that no key has: copy it again from your account');
  const api = findApi(env.CMC_API_URL?.trim() || API);
  return {
    label: API_LABEL,
    format: API_QUOTES.format,
    symbol: null,
    currency: 'USD',
    fetchPrices: (request) => fetchQuotes({ api, key }, request),
  };
}

/** The key goes there, so it goes encrypted, or stays on this machine. */
function findApi(text: string): URL {
  const url = URL.parse(text);
  const isHere = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url !== null && (url.protocol === 'https:' || isHere)) return url;
  throw new UsageError(`CMC_API_URL expects an https URL (http on this machine only), got "${text}"`);
}

async function fetchQuotes(where: { api: URL; key: string }, request: RemoteRequest): Promise<RemotePrices> {
  const answers = [];
  for (const span of request.spans) answers.push(await fetchSpan(where, request, span));
  return {
    said: answers.find(({ asset }) => asset !== null)?.asset ?? null,
    prices: answers.flatMap(({ prices }) => prices),
    bad: answers.flatMap(({ bad }) => bad),
    layout: { separator: null, absent: ['name', 'circulatingsupply'] },
  };
}

async function fetchSpan({ api, key }: { api: URL; key: string }, { id, say }: RemoteRequest, span: DaySpan) {
  const first = Math.max(span.first, span.last + 1 - MOST_DAYS);
  const url = urlOf(api, { id, first, last: span.last });
  const { asset, quotes } = await ask(() => request(url, key), {
    what: `asking CoinMarketCap for id ${id} from ${formatDay(first)} on`,
    judge: judgeFailure,
    say,
  });
  const { prices, bad } = parseQuotes(quotes, { id, first: 0 });
  const isWanted = (day: Day) => day >= span.first && day <= span.last;
  return { asset, bad, prices: prices.filter(({ timestampUs }) => isWanted(dayOfUs(timestampUs))) };
}

function urlOf(api: URL, { id, first, last }: { id: number; first: Day; last: Day }): URL {
  const url = new URL(`${api.pathname.replace(/\/{1,9}$/, '')}${HISTORY}`, api);
  // The day of time_start is not in the answer, that of time_end is.
  const question = { time_start: formatDay(first - 1), time_end: formatDay(last), count: last - first + 1 };
  for (const [name, value] of Object.entries({
    id,
    convert: 'USD',
    time_period: 'daily',
    interval: 'daily',
    ...question,
  }))
    url.searchParams.set(name, String(value));
  return url;
}

class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly retryAfter: string | null;

  constructor(message: string, { status, headers }: Response) {
    super(message);
    this.status = status;
    this.retryAfter = headers.get('retry-after');
  }
}

async function request(url: URL, key: string): Promise<Awaited<ReturnType<typeof readQuotes>>> {
  const response = await fetch(url, {
    headers: { 'X-CMC_PRO_API_KEY': key, accept: 'application/json' },
    // A header of this name would follow to wherever it leads.
    redirect: 'error',
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!response.ok) {
    const said = describeStatus(await response.text());
    throw new ApiError(`HTTP ${response.status}${said === null ? '' : `: ${said}`}`, response);
  }
  return readQuotes({ path: "CoinMarketCap's answer", chunks: chunksOf(response) });
}

async function* chunksOf({ body }: Response): AsyncGenerator<Buffer> {
  for await (const chunk of body ?? []) yield Buffer.from(chunk as Uint8Array);
}

function judgeFailure(error: unknown): Passing | null {
  if (hasLostAnswer(error)) return { retryAfterMs: 0 };
  if (!(error instanceof ApiError) || (error.status !== 429 && error.status < 500)) return null;
  return { retryAfterMs: retryAfterMs(error.retryAfter) };
}
