/** A file of daily prices: bytes, unpacked, decoded, made into rows, recognised, ready to be read as prices. */
import { basename } from 'node:path';
import { assetNameOfFile } from '../../../domain/prices/assets.js';
import { readPrices } from '../convert/read-prices.js';
import { decideReading } from '../convert/reading.js';
import { parseMap } from '../formats/parts/map.js';
import { headerTest, recognise } from '../formats/recognise.js';
import { readHints } from '../prices/hints.js';
import type { OpenedSource } from '../prices/price-source.js';
import { openRows } from '../read/open-rows.js';
import type { RowSource } from '../read/rows/rows.js';
import { commandFor, type TypedFlags } from './command-line.js';

export interface OpenOptions extends TypedFlags {
  readonly path: string;
  /** Bytes read at a time, about a megabyte when left out: what bounds the memory. */
  readonly chunkBytes: number | undefined;
}

/**
 * Opens a file of prices, whatever its format, and reads as much as is needed to say what it is and whose prices these
 * are. Throws UsageError where it takes a flag to read it, and Error for what is no file of daily prices.
 */
export async function openPrices(options: OpenOptions): Promise<OpenedSource> {
  const { path, chunkBytes } = options;
  const columns = options.map === null ? null : parseMap(options.map);
  const isHeader = headerTest(columns);
  const opened = await openRows(path, { chunkBytes, isHeader });
  if (!('sample' in opened)) return opened;
  try {
    const command = commandFor(path, options, proposeAsset(path));
    return await openTable(opened, options, { columns, command });
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openTable(
  source: RowSource,
  options: OpenOptions,
  recognising: Parameters<typeof recognise>[1],
): Promise<OpenedSource> {
  const layout = recognise(source, recognising);
  const hints = readHints(source, layout, { file: basename(options.path), symbol: options.symbol });
  const proposed = hints.symbol ?? hints.named?.symbol ?? proposeAsset(options.path);
  const command = commandFor(options.path, options, proposed);
  const { dateFormat, zone, isAdjusted, symbol } = options;
  const decimal = options.decimal === null ? null : decimalOf(options.decimal);
  const reading = decideReading(source, layout, { dateFormat, decimal, zone, isAdjusted, symbol, command });
  const { format } = layout;
  return {
    format: source.container === 'json' ? 'records' : source.container,
    label: format.label,
    asset: { id: null, symbol: hints.symbol, name: hints.name },
    hints,
    readBatches: (id) => readPrices(reading, id),
    close: source.close,
  };
}

function decimalOf(text: string): 'point' | 'comma' {
  return text === 'comma' ? 'comma' : 'point';
}

/** A symbol for the command that is proposed, by the name of the file; null: the name says the asset, or nothing. */
function proposeAsset(path: string): string | null {
  const file = basename(path);
  if (assetNameOfFile(file) !== null) return null;
  const word = /^[A-Za-z]{2,10}(?=[-_./]|$)/.exec(file)?.[0] ?? 'SYMBOL';
  return word.toUpperCase();
}
