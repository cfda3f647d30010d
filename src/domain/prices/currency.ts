/** The money that prices are in: how sources name it, and which names mean the same. */

/**
 * CoinMarketCap's numbers of currencies (its fiat map), which are in the column "name" of its files, from the first
 * number of each unbroken run. BTC and ETH are the two coins that it converts to most.
 */
const NUMBERED: readonly (readonly [first: number, codes: string])[] = [
  [1, 'BTC'],
  [1027, 'ETH'],
  [
    2781,
    'USD AUD BRL CAD CHF CLP CNY CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NOK NZD PHP PKR PLN RUB SEK SGD ' +
      'THB TRY TWD ZAR AED BGN HRK MUR RON ISK NGN COP ARS PEN VND UAH',
  ],
  [2832, 'BOB'],
  [
    3526,
    'ALL AMD AZN BAM BDT BHD BMD BYN CRC CUP DOP DZD EGP GEL GHS GTQ HNL IQD IRR JMD JOD KES KGS KHR KWD KZT LBP LKR ' +
      'MAD MDL MKD MMK MNT NAD NIO NPR OMR PAB QAR RSD SAR SSP TND TTD UGX UYU UZS VES',
  ],
];

/** Code by number: 2781 is USD, 2790 EUR. */
export const CURRENCY_NUMBERS: ReadonlyMap<number, string> = new Map(
  NUMBERED.flatMap(([first, codes]) =>
    codes.split(' ').map((code, index): [number, string] => [first + index, code]),
  ),
);

/** Tokens that are issued to be worth one dollar each. */
const DOLLAR_TOKENS: ReadonlySet<string> = new Set(
  'USDT USDC FDUSD BUSD TUSD USDP PYUSD USDD GUSD USDE USD1 RLUSD DAI ZUSD'.split(' '),
);

/** A currency as it is compared. */
export interface Currency {
  /** Upper case: USD. */
  readonly code: string;
  /** The token that counts as this currency, such as USDT; null: it is the currency itself. */
  readonly token: string | null;
}

/** The currency that a code stands for; null when it is not a code: 2 to 12 letters and digits, a letter first. */
export function currencyOfCode(text: string): Currency | null {
  const code = text.trim().toUpperCase();
  if (!/^[A-Z][A-Z0-9]{1,11}$/.test(code)) return null;
  return DOLLAR_TOKENS.has(code) ? { code: 'USD', token: code } : { code, token: null };
}

/** The currency of a market: BTC/USDT counts as USD, so does BTC/USDT:USDT; null when the text names no market. */
export function currencyOfMarket(symbol: string): Currency | null {
  const quote = /^[^\s/:]+\/([^\s/:]+)(?::\S*)?$/.exec(symbol.trim())?.[1];
  return quote === undefined ? null : currencyOfCode(quote);
}

/** What volume counts: units of the asset, or money. */
export const VOLUME_UNITS = ['coins', 'money'] as const;
export type VolumeUnit = (typeof VOLUME_UNITS)[number];

/** What a stored row says of the money that its prices are in. */
export interface QuoteClaim {
  currency: Currency | null;
  volume: VolumeUnit | null;
  /** A number in "name" that no known currency has; null: none. */
  unknownNumber: string | null;
}

/** The file name of rows that CoinMarketCap's API gave, which is asked for dollars. */
export const API_LABEL = 'CoinMarketCap API';

/**
 * What the two marks of a stored row say: `name` holds CoinMarketCap's number of the currency, `source` the file, or the
 * exchange and its market ("kraken BTC/USD"). A number speaks for CoinMarketCap, whose volume is in money; exchanges count coins.
 */
export function claimOfRow({ name, source }: { name: string | null; source: string | null }): QuoteClaim {
  const number = /^\s*(\d{1,9})\s*$/.exec(name ?? '')?.[1];
  if (number !== undefined) {
    const code = CURRENCY_NUMBERS.get(Number(number));
    if (code === undefined) return { currency: null, volume: null, unknownNumber: number };
    return { currency: { code, token: null }, volume: 'money', unknownNumber: null };
  }
  if (source === API_LABEL)
    return { currency: { code: 'USD', token: null }, volume: 'money', unknownNumber: null };
  const market = /^[a-z0-9]+ ([^\s/]+\/\S+)$/i.exec(source ?? '')?.[1];
  const currency = market === undefined ? null : currencyOfMarket(market);
  return { currency, volume: currency === null ? null : 'coins', unknownNumber: null };
}

/** The one value that all claims with one share; null: no claim has one, or they differ. */
export function agreed<T>(values: readonly (T | null)[]): T | null {
  const known = new Set(values.filter((value) => value !== null));
  return known.size === 1 ? ([...known][0] as T) : null;
}
