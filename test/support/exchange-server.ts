/** An exchange on this machine that speaks Binance's documented exchangeInfo and klines. */
import { type Answer, type HttpServer, startHttpServer } from './http-server.js';

export const DAY_MS = 86_400_000;

/** [open time in milliseconds, open, high, low, close, volume]. */
export type Kline = readonly [number, number, number, number, number, number];

export interface ExchangeServer {
  url: string;
  /** Candles by their open time, ascending; what a question is answered with. */
  klines: Kline[];
  /** What becomes of the n-th question for candles, counted from 0; without an entry it is answered. */
  faults: Map<number, Answer>;
  /** The questions for candles so far. */
  asked: { startTime: number; limit: number; atMs: number }[];
  close(): Promise<void>;
}

/** Starts one with BTC/USDT in it that gives `pageSize` candles at a time, however many were asked for. */
export async function startExchange(pageSize: number): Promise<ExchangeServer> {
  const http: HttpServer = await startHttpServer();
  const exchange: ExchangeServer = {
    url: http.url,
    klines: [],
    faults: new Map(),
    asked: [],
    close: http.close,
  };
  http.respond = ({ path, atMs }) => {
    const { pathname, searchParams } = new URL(path, http.url);
    if (pathname.endsWith('/exchangeInfo'))
      return json({ symbols: pathname.startsWith('/api/') ? [SYMBOL] : [] });
    if (pathname !== '/api/v3/klines') return { status: 404, body: '{"code":-1,"msg":"not here"}' };
    const question = {
      startTime: Number(searchParams.get('startTime')),
      limit: Number(searchParams.get('limit')),
      atMs,
    };
    exchange.asked.push(question);
    const fault = exchange.faults.get(exchange.asked.length - 1);
    const answer = json(listKlines(exchange.klines, { ...question, pageSize }));
    if (fault === undefined) return answer;
    return typeof fault === 'object' && fault.isCut ? { ...answer, isCut: true } : fault;
  };
  return exchange;
}

const SYMBOL = {
  symbol: 'BTCUSDT',
  status: 'TRADING',
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  isSpotTradingAllowed: true,
  filters: [],
  permissions: ['SPOT'],
};

function json(value: unknown): Answer & object {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function listKlines(
  klines: readonly Kline[],
  { startTime, limit, pageSize }: { startTime: number; limit: number; pageSize: number },
): unknown[] {
  return klines
    .filter(([openMs]) => openMs >= startTime)
    .slice(0, Math.min(limit, pageSize))
    .map(([openMs, ...values]) => [
      openMs,
      ...values.map((value) => value.toFixed(2)),
      openMs + DAY_MS - 1,
      '0',
      1,
      '0',
      '0',
      '0',
    ]);
}
