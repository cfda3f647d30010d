/** What a file says of its asset and its money beside the prices: whose prices these are, and in what (settle-quote.ts). */

import type { VolumeUnit } from '../../../domain/prices/currency.js';
import { boundName } from '../../../domain/text/printable.js';
import {
  isOfSymbol,
  moneyOfVolumes,
  type Pair,
  splitPair,
  splitSymbol,
  unitOfVolume,
  wholeMoney,
} from '../cells/pairs.js';
import type { Layout } from '../formats/parts/format.js';
import type { Row, RowSource } from '../read/rows/rows.js';

/** null: the file does not say. */
export interface Hints {
  /** The symbol of the asset, without the money of a pair: "BTC" of "BTC/USD". */
  readonly symbol: string | null;
  /** The name of the asset. */
  readonly name: string | null;
  /** The money of the prices: "USD", "USDT". */
  readonly currency: string | null;
  /** The pair in the name of the file, where files of this format are named so; what is typed counts more. */
  readonly named: Pair | null;
  /** What volumes count. */
  readonly volume: VolumeUnit | null;
}

/** A file that says nothing. */
export const NO_HINTS: Hints = { symbol: null, name: null, currency: null, named: null, volume: null };

const SYMBOL_FACT = /(?:^|\.)(?:\d{1,4}\. )?(?:symbol|ticker|tickers|pair|digital currency code)$/i;
const CURRENCY_FACT = /(?:^|\.)(?:\d{1,4}\. )?(?:currency|quote_?currency|market code)$/i;
/** A column of prices that names its money: "Open (USD)". */
const MONEY_OF_COLUMN = /\(([A-Z]{3,5})\)\s{0,9}$/;

/**
 * Reads what a file says, by its columns, its first row (of `symbol`, where it has several assets), the texts beside its
 * rows, and its name (`file`, without folders).
 */
export function readHints(
  source: RowSource,
  { format, places }: Layout,
  { file, symbol }: { file: string; symbol: string | null },
): Hints {
  const rows = source.sample.filter(({ broken }) => broken === undefined);
  const isOurs = ({ cells }: Row) => isOfSymbol(cells[places.get('symbol') ?? -1] ?? '', symbol);
  const cells = (rows.find(isOurs) ?? rows[0])?.cells ?? [];
  const cell = (field: 'symbol' | 'assetName' | 'currency'): string | null => {
    const place = places.get(field);
    return boundName((place === undefined ? undefined : cells[place]) || null);
  };
  const fact = (pattern: RegExp) =>
    boundName([...source.facts].find(([name]) => pattern.test(name))?.[1] ?? null);
  const said = cell('symbol') ?? fact(SYMBOL_FACT);
  const pair = said === null || said.includes(',') ? pairOfFacts(source, format) : splitSymbol(said);
  const nameOf = (field: 'close' | 'volume') => source.header?.[places.get(field) ?? -1] ?? '';
  const ofColumn = MONEY_OF_COLUMN.exec(nameOf('close'))?.[1] ?? format.currency ?? null;
  const volumes = source.header === null ? null : moneyOfVolumes(source.header);
  const named = pairOfName(format.pairInName, file);
  return {
    symbol: pair?.symbol ?? null,
    name: cell('assetName'),
    currency: wholeMoney(ofColumn ?? cell('currency') ?? fact(CURRENCY_FACT) ?? pair?.currency ?? volumes),
    named,
    volume:
      unitOfVolume(nameOf('volume'), pair?.symbol ?? named?.symbol ?? null) ??
      format.volume ??
      format.volumeOfPair?.(pair ?? named) ??
      null,
  };
}

function pairOfName(pattern: RegExp | undefined, file: string): Pair | null {
  const [, base, quote] = pattern?.exec(file) ?? [];
  if (base === undefined) return null;
  return splitPair(quote === undefined ? base : `${base}/${quote}`);
}

/** A pair by whose name the rows stand. */
function pairOfFacts({ facts }: RowSource, { pairInFacts }: Layout['format']): Pair | null {
  for (const name of pairInFacts === undefined ? [] : facts.keys()) {
    const found = pairInFacts?.exec(name)?.[1];
    if (found !== undefined) return splitPair(found);
  }
  return null;
}
