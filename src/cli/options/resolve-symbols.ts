/** Symbols where ids are expected: `--ids BTC,ETH`, `explain BTC`, `asset calendar BTC`. Only the command line knows them; digits are always ids. */
import type { Command } from 'commander';
import { UsageError } from '../../domain/text/errors.js';
import { describeError } from '../../orchestration/program/describe-error.js';
import { findIdsBySymbol } from '../../storage/assets/assets.js';
import { findConnection } from '../../storage/embedded/connection.js';
import { openDatabase } from '../../storage/session/database.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import type { OptionValues } from './options.js';

/** A letter is in every symbol, and in no id. */
const SYMBOL = /^(?=.*\p{L})[^\s,]{1,32}$/u;
/** What lists of ids may also be. */
const WORDS = new Set(['all', 'ceased']);
/** Names of arguments that are ids of assets that there are. */
const ID_ARGUMENTS = new Set(['id', 'ids']);
const LIMITS = { maxConnections: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 5_000 };

/** Replaces by ids the symbols that were typed for a command. Throws UsageError for one that no asset, or several have. */
export async function resolveSymbols(command: Command): Promise<void> {
  if (process.env.BARWRIGHT_CHILD !== undefined) return;
  const values = command.opts<OptionValues>();
  // Refused before any database is looked for.
  if (command.name() === 'refresh' && !values.bars && !values.emas && !values.indicators && !values.all)
    return;
  if (typeof values.ids === 'string')
    command.setOptionValueWithSource(
      'ids',
      await resolveList(values.ids, values),
      command.getOptionValueSource('ids') ?? 'cli',
    );
  for (const [at, argument] of command.registeredArguments.entries()) {
    const typed: unknown = command.processedArgs[at];
    if (!ID_ARGUMENTS.has(argument.name()) || typed === undefined) continue;
    command.processedArgs[at] = Array.isArray(typed)
      ? await Promise.all(typed.map((text) => resolveList(String(text), values)))
      : await resolveList(String(typed), values);
  }
}

/** The same list with ids instead of symbols. */
async function resolveList(text: string, values: OptionValues): Promise<string> {
  if (WORDS.has(text.trim().toLowerCase())) return text;
  const parts = text.split(',').map((part) => part.trim());
  const symbols = parts.filter((part) => SYMBOL.test(part));
  if (symbols.length === 0) return text;
  const found = await lookUp(symbols, values);
  return parts.map((part) => (SYMBOL.test(part) ? idOf(part, found) : part)).join(',');
}

type Found = ReadonlyMap<string, readonly number[]>;

async function lookUp(symbols: readonly string[], values: OptionValues): Promise<Found> {
  try {
    const { url } = await findConnection({
      ...(values.dbUrl !== undefined && { dbUrl: values.dbUrl }),
      ...(values.embedded !== undefined && { embedded: values.embedded }),
      ...(values.dataDir !== undefined && { dataDir: values.dataDir }),
      mayStart: values.dryRun !== true,
    });
    const database = openDatabase(url, { ...LIMITS, schema: values.schema });
    try {
      return await database.read((tx) => findIdsBySymbol(tx, symbols));
    } finally {
      await database.close();
    }
  } catch (error) {
    throw new UsageError(
      `ids are numbers like 1,52,825; "${symbols[0]}" may be a symbol, and cannot be looked up: ` +
        hidePassword(describeError(error)),
    );
  }
}

function idOf(symbol: string, found: Found): number {
  const [id, ...others] = found.get(symbol.toLowerCase()) ?? [];
  if (id === undefined)
    throw new UsageError(
      `ids are numbers like 1,52,825; no asset has the symbol "${symbol}": "barwright asset list" shows them`,
    );
  if (others.length > 0)
    throw new UsageError(
      `"${symbol}" is the symbol of several assets (${[id, ...others].join(', ')}): type the id of the one you mean`,
    );
  return id;
}
