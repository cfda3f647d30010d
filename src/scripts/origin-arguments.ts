/** Command lines of the replaced system's scripts: what has a counterpart is taken, what has none is refused with the reason. */
import { BAR_BUILDERS } from '../domain/planning/plan.js';
import { UsageError } from '../domain/text/errors.js';

/** Lists that may be typed with blanks there: `--ids 1 52`. */
const LISTS = ['--ids', '--builders', '--skip', '--only'];

/** Its names for ours. */
const RENAMED: Readonly<Record<string, string>> = {
  '--builders': '--only',
  '--full-refresh': '--full-rebuild',
  '--fail-on-rejects': '--strict',
  '--alert-on-validation-error': '--alert-on-error',
  '--debug': '--verbose',
};

/** Flags that ask for what is always done here. */
const ALWAYS = ['--keep-rejects', '--parallel'];

/** Options with a value that asks for what is always done here. */
const USUAL: Readonly<Record<string, string>> = {
  '--periods': 'lut',
  '--cal-scheme': 'both',
  '--anchor-scheme': 'both',
  '--start': '2010-01-01',
};

const SCHEMES =
  'both calendars are refreshed together; --tfs, such as --tfs 1W_CAL_US,1M_CAL, selects timeframes';
const TABLES = '--schema names the schema of all tables, --source the table of prices';

/** What has no counterpart, with what there is instead. */
const REFUSED: Readonly<Record<string, string>> = {
  '--tz': 'a day is a UTC day; "zone" of a described source (docs/tasks/own-tables.md) gives other days',
  '--start':
    'series begin with the first day of an asset; a run adds what is new, and --full-rebuild begins again',
  '--end': 'series end with the newest day that is over; ema_series() in SQL reads a range of days',
  '--no-update':
    'equal rows are never written, and changed ones are repaired; --dry-run shows what would be done',
  '--log-level': '--verbose and --quiet say how much is printed; the log has everything',
  '--cal-scheme': SCHEMES,
  '--anchor-scheme': SCHEMES,
  '--daily-table': TABLES,
  '--bars-table': TABLES,
  '--state-table': TABLES,
  '--price-schema': TABLES,
  '--price-table': TABLES,
  '--out-schema': TABLES,
  '--v2-out-table': TABLES,
  '--v2-alignment-type': 'dim_timeframe says which series there are; --only v2 selects them',
  '--v2-include-noncanonical': 'dim_timeframe says which series there are',
};

/** An option as it was typed, with its values. */
interface Typed {
  name: string;
  values: string[];
}

function readTyped(argv: readonly string[]): Typed[] {
  const typed: Typed[] = [];
  for (const argument of argv) {
    const [, name = argument, value] = /^(--[^=]+)=(.*)$/s.exec(argument) ?? [];
    const last = typed.at(-1);
    if (argument.startsWith('-') && !/^-\d/.test(argument))
      typed.push({ name, values: value === undefined ? [] : [value] });
    else if (last === undefined) typed.push({ name: argument, values: [] });
    else last.values.push(argument);
  }
  return typed;
}

/**
 * The arguments of `barwright bars` or `barwright emas` that a command line of run_all_bar_builders.py or
 * run_all_ema_refreshes.py means; one of ours comes back as it is. Throws UsageError for what has no counterpart.
 */
export function translateArguments(argv: readonly string[]): string[] {
  const result: string[] = [];
  for (const { name, values } of readTyped(argv)) {
    if (ALWAYS.includes(name)) continue;
    if (USUAL[name] !== undefined && USUAL[name] === values[0]?.toLowerCase()) continue;
    const reason = REFUSED[name];
    if (reason !== undefined) throw new UsageError(`${name} has no counterpart here: ${reason}`);
    const isList = LISTS.includes(name) && values.length > 0;
    const joined = isList
      ? [
          values
            .flatMap((value) => value.split(/[\s,]+/))
            .filter(Boolean)
            .join(','),
        ]
      : values;
    if (name === '--skip' || name === '--builders') checkBuilders(name, joined[0]);
    if (name === '--skip') result.push('--only', buildersWithout(joined[0] ?? ''));
    else result.push(RENAMED[name] ?? name, ...joined);
  }
  return result;
}

function checkBuilders(option: string, given = ''): void {
  const unknown = given.split(',').filter((name) => !(BAR_BUILDERS as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `${option}: no builder "${unknown.join('", "')}"; there are ${BAR_BUILDERS.join(', ')}`,
    );
}

function buildersWithout(skipped: string): string {
  const left = BAR_BUILDERS.filter((name) => !skipped.split(',').includes(name));
  if (left.length === 0) throw new UsageError('--skip leaves no builder');
  return left.join(',');
}

/**
 * Runs a component's command with such a command line; what is refused is said on stderr, exit code 2. `--periods` is an
 * option of `refresh`: with it the EMAs are refreshed by that.
 */
export async function runTranslated(
  component: 'bars' | 'emas',
  argv: readonly string[],
  run: (argv: string[]) => Promise<number>,
): Promise<number> {
  try {
    const translated = translateArguments(argv);
    const hasPeriods = component === 'emas' && translated.includes('--periods');
    if (hasPeriods && translated.includes('--only'))
      throw new UsageError(
        '--only with --periods has no counterpart here: --tfs with --periods selects series',
      );
    return await run(
      hasPeriods ? ['refresh', '--emas', '--skip-stale-check', ...translated] : [component, ...translated],
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return 2;
  }
}
