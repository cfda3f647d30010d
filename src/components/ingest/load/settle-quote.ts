/** What money prices are in, before they are stored beside others: learnt, taken, or refused. */
import {
  agreed,
  type Currency,
  claimOfRow,
  currencyOfCode,
  type QuoteClaim,
  type VolumeUnit,
} from '../../../domain/prices/currency.js';
import { UsageError } from '../../../domain/text/errors.js';
import {
  type AssetQuote,
  readAssetQuote,
  readStagedNames,
  readStoredMarks,
  writeAssetQuote,
} from '../../../storage/assets/quotes.js';
import type { Tx } from '../../../storage/session/database.js';

/** What a source says beside its rows, and what was typed. */
export interface QuoteRequest {
  /** What the format or the market says, as a code: EUR; null or left out: nothing. */
  readonly said?: string | null | undefined;
  /** What the name of the file says: less sure than what was typed. */
  readonly named?: string | null | undefined;
  /** `--currency`: for a source that says nothing. */
  readonly typed?: string | null | undefined;
  /** `--accept-currency`: another currency than the stored one is meant. */
  readonly isAccepted?: boolean | undefined;
  /** What was typed, with these flags added; left out: what was fetched has no such command. */
  readonly command?: ((...words: string[]) => string) | undefined;
  /** What the volume of this format counts, where that is known. */
  readonly volume?: VolumeUnit | null | undefined;
}

export interface QuotedFile extends QuoteRequest {
  readonly id: number;
  readonly file: string;
}

/**
 * Compares the currency of what is staged with that of the asset's stored prices, and remembers it. Call it before the staged
 * rows are moved, with the asset registered. Returns a remark for people. Throws UsageError where the two are known
 * and differ and `--accept-currency` was not typed, and where a file holds two currencies.
 */
export async function settleQuote(tx: Tx, request: QuotedFile): Promise<string[]> {
  const names = await readStagedNames(tx);
  const claims = names.map((name) => claimOfRow({ name, source: null }));
  const came = currencyOfFile(request, claims);
  const volume = request.volume ?? agreed(claims.map((claim) => claim.volume));
  return settle(tx, request, { came, volume, claims });
}

/** The same before anything is fetched: what is asked for is known from the market alone. Nothing is remembered. */
export async function checkQuote(tx: Tx, request: QuotedFile): Promise<void> {
  const { quote } = await readKnownQuote(tx, request.id);
  compareCurrencies(request, { stored: quote.currency, came: currencyOfFile(request, []) });
}

interface Found {
  came: Currency | null;
  volume: VolumeUnit | null;
  claims: readonly QuoteClaim[];
}

async function settle(tx: Tx, request: QuotedFile, { came, volume, claims }: Found): Promise<string[]> {
  const { id } = request;
  const { quote, mixed } = await readKnownQuote(tx, id);
  const notes = [...noteUnknown(request, claims), ...(came === null ? [] : noteMixed(request, mixed))];
  const isOther = compareCurrencies(request, { stored: quote.currency, came });
  if (isOther)
    notes.push(
      `[WARNING] id ${id} is in ${came?.code} from now on; days that are not in this file stay in ${quote.currency}`,
    );
  const isNewToken = came?.token != null && !quote.tokens.includes(came.token);
  if (isNewToken) notes.push(`[INFO] ${came.token} counts as ${came.code}`);
  if (volume !== null && quote.volume !== null && volume !== quote.volume)
    notes.push(
      `[WARNING] the volume of ${request.file} is in ${nameOfUnit(volume)}, and that of the days before in ${nameOfUnit(quote.volume)}: sums over both mean nothing`,
    );
  const next: AssetQuote = {
    currency: came?.code ?? quote.currency,
    tokens: isNewToken ? [...quote.tokens, came.token as string] : quote.tokens,
    volume: volume ?? quote.volume,
  };
  await writeAssetQuote(tx, id, next);
  return notes;
}

function nameOfUnit(unit: VolumeUnit): string {
  return unit === 'coins' ? 'units of the asset' : 'money';
}

/** What dim_assets remembers; of an asset of before, what its stored rows agree in. */
async function readKnownQuote(tx: Tx, id: number): Promise<{ quote: AssetQuote; mixed: string[] }> {
  const quote = await readAssetQuote(tx, id);
  if (quote.currency !== null) return { quote, mixed: [] };
  const claims = (await readStoredMarks(tx, id)).map(claimOfRow);
  const codes = claims.map(({ currency }) => currency?.code ?? null);
  const currency = agreed(codes);
  const volume = quote.volume ?? agreed(claims.map((claim) => claim.volume));
  const mixed = currency === null ? [...new Set(codes.filter((code) => code !== null))].sort() : [];
  return { quote: { ...quote, currency, volume }, mixed };
}

function noteMixed({ id }: QuotedFile, mixed: readonly string[]): string[] {
  if (mixed.length === 0) return [];
  return [
    `[WARNING] stored days of id ${id} are in ${mixed.join(' and ')}: "barwright asset add ${id} --currency ${mixed[0]}" says which is right`,
  ];
}

function noteUnknown({ file }: QuotedFile, claims: readonly QuoteClaim[]): string[] {
  const numbers = claims.map(({ unknownNumber }) => unknownNumber).filter((number) => number !== null);
  if (numbers.length === 0) return [];
  return [
    `[WARNING] the column "name" of ${file} says ${numbers.join(', ')}, which is no known number of a currency: say the currency with --currency`,
  ];
}

/** What the file says of itself, else what was typed for it, else what its name says. */
function currencyOfFile(
  { file, said, typed, named }: QuotedFile,
  claims: readonly QuoteClaim[],
): Currency | null {
  const codes = [...new Set(claims.map(({ currency }) => currency?.code ?? null))].filter(
    (code) => code !== null,
  );
  if (codes.length > 1)
    throw new UsageError(
      `"${file}" holds prices in ${codes.sort().join(' and ')} (its column "name"): split it, one currency a file`,
    );
  const own = currencyOfCode(said ?? codes[0] ?? '');
  const meant = currencyOfCode(typed ?? '');
  if (own !== null && meant !== null && own.code !== meant.code)
    throw new UsageError(
      `--currency ${meant.code} was given, but "${file}" says that its prices are in ${own.code}: leave --currency out`,
    );
  return own ?? meant ?? currencyOfCode(named ?? '');
}

/** Whether what came is in another currency, and meant to be. Throws UsageError when it is not meant. */
function compareCurrencies(
  { id, file, isAccepted = false, command }: QuotedFile,
  { stored, came }: { stored: string | null; came: Currency | null },
): boolean {
  if (stored === null || came === null || stored === came.code) return false;
  if (isAccepted) return true;
  const name = came.token === null ? came.code : `${came.code} (${came.token})`;
  throw new UsageError(
    `"${file}" holds prices in ${name}, and those that are stored of id ${id} are in ${stored}: nothing was stored. ` +
      `Load it as another asset with --id; if id ${id} is in ${came.code} from now on: ${command?.('--accept-currency') ?? 'type --accept-currency'}`,
  );
}
