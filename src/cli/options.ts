import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../domain/errors.js';
import { parseIdList } from '../domain/ids.js';

/** Every flag, once: parent and child are the same program and read the same list. */
const OPTIONS = {
  bars: () => new Option('--bars', 'Run bar builders only'),
  emas: () => new Option('--emas', 'Run EMA refreshers only'),
  all: () => new Option('--all', 'Run bars then EMAs (full refresh)'),
  ids: () => new Option('--ids <ids>', 'Comma-separated IDs or "all"').default('all'),
  dbUrl: () => new Option('--db-url <url>', 'Database URL (default: from config/env)'),
  embedded: () => new Option('--embedded', "Use barwright's own PostgreSQL, started on demand"),
  dataDir: () => new Option('--data-dir <dir>', 'Where the embedded PostgreSQL keeps its data'),
  schema: () =>
    new Option('--schema <name>', 'PostgreSQL schema of the warehouse')
      .default('public')
      .env('BARWRIGHT_SCHEMA'),
  source: () =>
    new Option('--source <relation>', 'Table or view to read daily prices from, as schema.table').env(
      'BARWRIGHT_SOURCE',
    ),
  dryRun: () => new Option('--dry-run', 'Show what would execute'),
  verbose: () => new Option('--verbose', 'Show detailed output'),
  continueOnError: () => new Option('--continue-on-error', 'Continue on failures'),
  skipStaleCheck: () => new Option('--skip-stale-check', 'Skip bar freshness check for EMAs'),
  stalenessHours: () =>
    new Option('--staleness-hours <hours>', 'Max hours for bar freshness (default: 48)').argParser(
      parseHours,
    ),
  fullRebuild: () => new Option('--full-rebuild', 'Rebuild everything from the first day'),
  numProcesses: () =>
    new Option('-n, --num-processes <count>', 'Worker processes per component').argParser(parseCount),
  only: () =>
    new Option('--only <names>', 'Builders or EMA families to run, comma-separated').argParser(parseNames),
  json: () => new Option('--json', 'Print JSON only on stdout; talk goes to stderr'),
  skipBadRows: () => new Option('--skip-bad-rows', 'Keep the good lines of a file that has bad ones'),
  id: () => new Option('--id <id>', 'Asset of the file (CoinMarketCap id)').argParser(parseSingleId),
} as const satisfies Record<string, () => Option>;

export type OptionName = keyof typeof OPTIONS;

/** Values as commander gives them; which are present depends on the command. */
export interface OptionValues {
  bars?: true;
  emas?: true;
  all?: true;
  ids: string;
  dbUrl?: string;
  embedded?: true;
  dataDir?: string;
  schema: string;
  source?: string;
  dryRun?: true;
  verbose?: true;
  continueOnError?: true;
  skipStaleCheck?: true;
  stalenessHours?: number;
  fullRebuild?: true;
  numProcesses?: number;
  only?: string[];
  json?: true;
  skipBadRows?: true;
  id?: number;
}

/** Where the warehouse is: every command that opens a database takes these. */
export const DATABASE_OPTIONS = [
  'dbUrl',
  'embedded',
  'dataDir',
  'schema',
] as const satisfies readonly OptionName[];

/** Adds flags to a command, in this order. */
export function withOptions(command: Command, names: readonly OptionName[]): Command {
  for (const name of names) command.addOption(OPTIONS[name]());
  return command;
}

function parseHours(text: string): number {
  const hours = text.trim() === '' ? Number.NaN : Number(text);
  if (!(Number.isFinite(hours) && hours > 0))
    throw new InvalidArgumentError('A number of hours above 0 was expected.');
  return hours;
}

function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text))
    throw new InvalidArgumentError('A whole number from 1 to 999 was expected.');
  return Number(text);
}

function parseNames(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('At least one name was expected.');
  return [...new Set(names)];
}

function parseSingleId(text: string): number {
  const ids = parseIdList(text);
  const id = ids?.[0];
  if (ids?.length !== 1 || id === undefined)
    throw new UsageError(`--id expects one number like "1", got "${text}"`);
  return id;
}

/** Checks names that `--only` gave against the list of a component. Throws UsageError naming the unknown one and the list. */
export function selectNames<T extends string>(
  names: readonly string[] | undefined,
  known: readonly T[],
): T[] | null {
  if (names === undefined) return null;
  for (const name of names) {
    if (!known.includes(name as T)) throw new UsageError(`--only knows ${known.join(', ')}; got "${name}"`);
  }
  return known.filter((name) => names.includes(name));
}
