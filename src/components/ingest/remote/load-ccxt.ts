import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { UsageError } from '../../../domain/text/errors.js';
import type { Candle } from '../quotes/candles.js';

/**
 * What is used of ccxt. It is no dependency: its package runs a script when it is installed that calls a host which is
 * not a registry. So it is found where a person has put it.
 */
export interface Ccxt {
  readonly exchanges: readonly string[];
  /** What passes: no answer, a cut connection, too many requests, an exchange under maintenance. */
  readonly NetworkError: new (
    message: string,
  ) => Error;
  create(id: string, options: { timeout: number }): CcxtExchange;
}

export interface CcxtExchange {
  readonly name: string;
  /** What sends a request and reads the answer's head; ccxt's own waits for a body that stalls. */
  fetchImplementation: (url: string, request: RequestInit) => Promise<Response>;
  urls: { api?: unknown };
  readonly timeframes?: Record<string, unknown> | undefined;
  readonly has: Record<string, unknown>;
  readonly features?: { spot?: { fetchOHLCV?: { limit?: number } | null } | null } | undefined;
  readonly markets?: Record<string, { base: string; quote: string } | undefined> | undefined;
  readonly last_response_headers?: Record<string, string> | undefined;
  loadMarkets(): Promise<unknown>;
  fetchOHLCV(symbol: string, timeframe: string, sinceMs: number, limit: number): Promise<readonly Candle[]>;
}

const INSTALL =
  'type "npm install --ignore-scripts ccxt@4" where barwright is installed, or name the folder that it is in with BARWRIGHT_CCXT';

const CONSTRUCTOR = z.custom<new (...options: unknown[]) => unknown>((value) => typeof value === 'function');
const LIBRARY = z.looseObject({ exchanges: z.array(z.string()).min(1), NetworkError: CONSTRUCTOR });

/** Loads ccxt, of the folder BARWRIGHT_CCXT or from where packages are found. Throws UsageError that says how to install it. */
export async function loadCcxt(folder = process.env.BARWRIGHT_CCXT): Promise<Ccxt> {
  const module = await importCcxt(folder?.trim() || null);
  const parsed = LIBRARY.safeParse(module.default ?? module);
  if (!parsed.success) throw new UsageError(`what is installed as ccxt is another library: ${INSTALL}`);
  const library = parsed.data;
  return {
    exchanges: library.exchanges,
    NetworkError: library.NetworkError as Ccxt['NetworkError'],
    create: (id, options) => new (CONSTRUCTOR.parse(library[id]))(options) as CcxtExchange,
  };
}

async function importCcxt(folder: string | null): Promise<{ default?: unknown }> {
  // A variable: the compiler must not look for a package that need not be there.
  const name: string = 'ccxt';
  try {
    if (folder === null) return await import(name);
    // The folder of the package itself, or one with the package in its node_modules.
    const path = createRequire(join(resolve(folder), 'package.json')).resolve(name);
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (!isMissing(error)) throw new Error('loading the library ccxt failed', { cause: error });
    const place = folder === null ? '' : ` in the folder ${folder} (BARWRIGHT_CCXT)`;
    throw new UsageError(`--exchange needs the library ccxt, which is not installed${place}: ${INSTALL}`);
  }
}

function isMissing(error: unknown): boolean {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes((error as NodeJS.ErrnoException).code ?? '');
}
