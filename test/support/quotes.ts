/** Quotes of CoinMarketCap in JSON, in its two documented spellings: the same prices as `line` of ingest.ts. */

interface SiteQuote {
  timeOpen: string;
  timeClose: string;
  timeHigh: string;
  timeLow: string;
  quote: Record<string, unknown>;
}

/** A day of March 2025 as coinmarketcap.com's data-api/v3/cryptocurrency/historical gives it; `changes` go into `quote`. */
export function siteQuote(day: number, changes: Record<string, unknown> = {}): SiteQuote {
  const date = dateOf(day);
  return {
    timeOpen: `${date}T00:00:00.000Z`,
    timeClose: `${date}T23:59:59.999Z`,
    timeHigh: `${date}T05:00:00.000Z`,
    timeLow: `${date}T07:00:00.000Z`,
    quote: {
      ...{ name: '2781', open: 9, high: 12, low: 8, close: 10, volume: 1000, marketCap: 2.5e12 },
      ...{ circulatingSupply: 19_000_000, timestamp: `${date}T23:59:59.999Z`, ...changes },
    },
  };
}

/** The same day as the API's cryptocurrency/ohlcv/historical gives it, with a second currency beside the dollar. */
export function apiQuote(day: number) {
  const date = dateOf(day);
  const usd = { open: 9, high: 12, low: 8, close: 10, volume: 1000, market_cap: 2.5e12 };
  const timestamp = `${date}T23:59:59.999Z`;
  return {
    time_open: `${date}T00:00:00.000Z`,
    time_close: timestamp,
    time_high: `${date}T05:00:00.000Z`,
    time_low: `${date}T07:00:00.000Z`,
    quote: { EUR: { ...usd, close: 1, timestamp }, USD: { ...usd, timestamp } },
  };
}

function dateOf(day: number): string {
  return `2025-03-${String(day).padStart(2, '0')}`;
}
