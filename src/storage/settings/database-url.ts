import { UsageError } from '../../domain/text/errors.js';
import { CONFIG_FILE, listConfigFiles } from './config-file.js';
import { EXAMPLE_URL, rememberSecrets } from './secrets.js';

export interface DatabaseUrlOptions {
  /** The value of --db-url; undefined when it was not typed. */
  cliDbUrl?: string | undefined;
  /** Where the search for db_config.env begins; default: the working directory. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** What other users can see of this process; default: its own arguments. */
  argv?: readonly string[];
}

export interface ResolvedDatabaseUrl {
  /** Always with the scheme `postgresql://`. */
  url: string;
  /** Which source won: `--db-url`, `db_config.env (/path/db_config.env)`, `TARGET_DB_URL`, `MARKETDATA_DB_URL`. */
  source: string;
  warnings: string[];
}

const KEY = 'TARGET_DB_URL';
const VARIABLES = [KEY, 'MARKETDATA_DB_URL'] as const;
/** SQLAlchemy's spelling names a driver after the plus. */
const SCHEME = /^postgres(?:ql)?(?:\+[a-z0-9_]+)?:\/\//i;

/**
 * The database to use: --db-url, then db_config.env, then TARGET_DB_URL, then MARKETDATA_DB_URL. A source that is there
 * and cannot be used stops the search. Throws UsageError, without showing a password.
 */
export function resolveDatabaseUrl(options: DatabaseUrlOptions = {}): ResolvedDatabaseUrl {
  const found = findDatabaseUrl(options);
  if (found !== null) return found;
  const keyless = [...listConfigFiles(options.cwd ?? process.cwd())].map(
    ({ path }) => `${path} has no ${KEY}. `,
  );
  throw new UsageError(
    `no database is named. ${keyless.join('')}Give one of: --db-url URL; a file ${CONFIG_FILE}, here or up to five folders up, with ` +
      `${KEY}=URL; the environment variable TARGET_DB_URL; the environment variable MARKETDATA_DB_URL ` +
      `(URL: ${EXAMPLE_URL}). Or --embedded for barwright's own PostgreSQL`,
  );
}

/** The same; null when no source names a database. Throws UsageError on a source that cannot be used. */
export function findDatabaseUrl(options: DatabaseUrlOptions = {}): ResolvedDatabaseUrl | null {
  if (options.cliDbUrl !== undefined) return fromCommandLine(options.cliDbUrl, options.argv ?? process.argv);
  const warnings: string[] = [];
  for (const file of listConfigFiles(options.cwd ?? process.cwd())) {
    warnings.push(...file.warnings);
    const value = file.values.get(KEY);
    if (value !== undefined) {
      const source = `${CONFIG_FILE} (${file.path})`;
      const url = normaliseDatabaseUrl(value, source);
      return { url, source, warnings: [...warnings, ...warningsOfIgnored(url, source, options.env)] };
    }
    warnings.push(`${file.path} has no ${KEY}`);
  }
  const env = options.env ?? process.env;
  for (const name of VARIABLES) {
    const value = env[name]?.trim() ?? '';
    if (value !== '') return { url: normaliseDatabaseUrl(value, name), source: name, warnings };
  }
  return null;
}

/** A user who has set a variable expects it to be used. */
function warningsOfIgnored(url: string, source: string, env: NodeJS.ProcessEnv = process.env): string[] {
  const value = env[KEY]?.trim() ?? '';
  if (value === '' || value.replace(SCHEME, 'postgresql://') === url) return [];
  rememberSecrets(value);
  return [`${KEY} of the environment is ignored: ${source} comes first and names another database`];
}

function fromCommandLine(text: string, argv: readonly string[]): ResolvedDatabaseUrl {
  const source = '--db-url';
  const url = normaliseDatabaseUrl(text, source);
  const { password, searchParams } = new URL(url);
  const hasPassword = password !== '' || searchParams.has('password') || searchParams.has('sslpassword');
  const warning =
    'a password in --db-url can be read by other users of this machine while the command starts: ' +
    `put the URL in ${CONFIG_FILE} or in TARGET_DB_URL`;
  // A starter of our own gives the URL by the environment, a program that uses the library by a call: other users do not see those.
  const isTyped = argv.some((argument) => argument.includes(text));
  return { url, source, warnings: hasPassword && isTyped ? [warning] : [] };
}

/**
 * `postgres://`, `postgresql://`, `postgresql+psycopg2://` and the like as `postgresql://`. Throws UsageError on anything
 * else, naming `source`; the text itself is not shown, since where its password begins cannot be known.
 */
function normaliseDatabaseUrl(text: string, source: string): string {
  const trimmed = text.trim();
  rememberSecrets(trimmed);
  if (trimmed === '') throw new UsageError(`${source} is empty: expected a URL like ${EXAMPLE_URL}`);
  if (!SCHEME.test(trimmed)) {
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(trimmed)?.[0];
    const what = scheme === undefined ? 'a text without a scheme' : `"${scheme}…"`;
    throw new UsageError(`${source}: expected a URL like ${EXAMPLE_URL}, found ${what}`);
  }
  const url = trimmed.replace(SCHEME, 'postgresql://');
  if (!URL.canParse(url) || /[\s#]/.test(url)) {
    throw new UsageError(
      `${source}: this URL cannot be read; in a password, write @ as %40, / as %2F, : as %3A, # as %23, ? as %3F, ` +
        'a blank as %20, % as %25',
    );
  }
  return url;
}
