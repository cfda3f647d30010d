/** What a person says of a table of prices: which columns are what, and which days its rows are. Text in, typed values out. */
import { VOLUME_UNITS, type VolumeUnit } from '../prices/currency.js';
import { UsageError } from '../text/errors.js';
import { type Expectation, type Expectations, NO_EXPECTATIONS, readExpectation } from './expectation.js';

/** The table that ingest fills, and the name that it has among sources. */
export const OUR_TABLE = 'cmc_price_histories7';

/** Columns that every described table has: an id, a day and four prices. */
export const REQUIRED_ROLES = ['id', 'day', 'open', 'high', 'low', 'close'] as const;
/** Columns that it may have. */
const OPTIONAL_ROLES = [
  'volume',
  'marketCap',
  'timeOpen',
  'timeClose',
  'timeHigh',
  'timeLow',
  'loadTs',
  'name',
  'sourceFile',
] as const;
export const COLUMN_ROLES = [...REQUIRED_ROLES, ...OPTIONAL_ROLES] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** What a number in the day column counts since 1970-01-01 UTC. */
export const DAY_UNITS = ['s', 'ms', 'us'] as const;
export type DayUnit = (typeof DAY_UNITS)[number];
/** Which instant of its day the day column names. A date names its day either way. */
export const DAY_ENDS = ['open', 'close'] as const;
export type DayEnd = (typeof DAY_ENDS)[number];

/** One table or view, described. */
export interface SourceDescription {
  /** As --source names it: "prices", "market.prices", parts in double quotes taken literally. */
  table: string;
  /** Column of each role; a whole number for `id` stands for a table of that asset alone. What is left out has the role's own name. */
  columns: Readonly<Partial<Record<ColumnRole, string | number>>>;
  /** null: by the column's type (a number must say). */
  unit: DayUnit | null;
  dayEnd: DayEnd;
  /** IANA name of the zone whose days the rows are. */
  zone: string;
  /** Rows are the trading hours of their day: shorter than it, with times of their own. */
  isSession: boolean;
  /** What prices are in, such as USD; null: not said. */
  currency: string | null;
  volume: VolumeUnit | null;
  expectation: Expectation;
}

/** What a run reads: tables by the name that they have in the file, and whether our own table is among them. */
export interface SourceChoice {
  sources: ReadonlyMap<string, SourceDescription>;
  hasOurs: boolean;
  /** What is said of our own table; null: nothing. */
  ours: Expectation | null;
}

/** Keys of a description in barwright.config.json, besides "columns", with what they may be. */
const KEYS = [
  'table',
  'columns',
  'unit',
  'day',
  'zone',
  'session',
  'currency',
  'volume',
  'calendar',
  'lateAfter',
] as const;
/** Of our own table, whose columns are known. */
const OUR_KEYS = ['calendar', 'lateAfter'] as const;

/**
 * Reads the text that --source and the file give where tables are described: `{"sources": {NAME: {…}}, "ours": true}`,
 * or "market.candles day=ts id=coin_id zone=Europe/Berlin"; null: the text is a bare name of a relation.
 * Throws UsageError with the place, what was expected and what was found.
 */
export function parseSourceText(text: string): SourceChoice | null {
  if (text.trimStart().startsWith('{')) return parseChoice(text);
  const [table = '', ...settings] = splitSettings(text);
  const pairs = settings.map((setting) => /^([A-Za-z]+)=(.+)$/s.exec(setting));
  if (pairs.length === 0 || pairs.includes(null)) return null;
  const columns: Record<string, unknown> = {};
  const written: Record<string, unknown> = { table, columns };
  for (const pair of pairs) {
    const [, key = '', value = ''] = pair ?? [];
    // "day" and "volume" name columns here: the keys of the file that are called so have other names.
    const fileKey = (Object.hasOwn(KEYS_OF_TEXT, key) ? KEYS_OF_TEXT[key] : undefined) ?? key;
    if (isRole(key)) columns[key] = key === 'id' && /^\d+$/.test(value) ? Number(value) : value;
    else written[fileKey] = fileKey === 'session' ? value === 'true' : value;
  }
  return { sources: new Map([[table, readDescription(written, '--source')]]), hasOurs: false, ours: null };
}

const KEYS_OF_TEXT: Readonly<Record<string, string>> = { dated: 'day', volumeUnit: 'volume' };

/** The text of a choice, which parseSourceText reads. `sources` are descriptions as the file has them. */
export function formatSourceText(sources: Readonly<Record<string, unknown>>, hasOurs: boolean): string {
  return JSON.stringify({ sources, ours: hasOurs });
}

/** Whether a text is what the file describes, not what somebody typed: commands that are shown leave it out. */
export function isConfiguredText(text: string): boolean {
  return text.startsWith('{');
}

/** Words divided by blanks, but not within double quotes. */
function splitSettings(text: string): string[] {
  return text.trim().match(/(?:"[^"]*"|[^\s"])+/g) ?? [];
}

/** As a key of an object it would be dropped silently. */
export const UNNAMEABLE = '__proto__';

function parseChoice(text: string): SourceChoice {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, (key, value) => {
      if (key === UNNAMEABLE) throw new UsageError(`--source: "${UNNAMEABLE}": nothing may have this name`);
      return value;
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--source is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(parsed) || !Object.hasOwn(parsed, 'sources') || !isObject(parsed.sources))
    throw new UsageError('--source expects {"sources": {NAME: {"table": …}}}');
  const { [OUR_TABLE]: ours, ...others } = parsed.sources;
  if (ours === undefined || hasTable(ours))
    return { sources: readSources(parsed.sources, 'sources'), hasOurs: parsed.ours === true, ours: null };
  const hasOthers = Object.keys(others).length > 0;
  return {
    sources: hasOthers ? readSources(others, 'sources') : new Map(),
    hasOurs: true,
    ours: readOurs(ours, `sources.${OUR_TABLE}`),
  };
}

/** What sources say of when their prices are expected; `text` is what --source gave, null: our own table. */
export function expectationsOf(text: string | null): Expectations {
  const choice = text === null ? null : parseSourceText(text);
  if (choice === null) return NO_EXPECTATIONS;
  const described = [...choice.sources].map(([name, { expectation }]) => [name, expectation] as const);
  return new Map(choice.ours === null ? described : [[OUR_TABLE, choice.ours], ...described]);
}

function hasTable(written: unknown): boolean {
  return isObject(written) && Object.hasOwn(written, 'table');
}

function readOurs(written: unknown, place: string): Expectation {
  if (!isObject(written)) throw expected(place, 'an object like {"calendar": "daily"}', written);
  for (const key of Object.keys(written))
    if (!(OUR_KEYS as readonly string[]).includes(key))
      throw new UsageError(
        `${place}.${key}: of barwright's own table only ${OUR_KEYS.join(' and ')} can be said; another table has a name of its own here`,
      );
  return readExpectation(written, place);
}

/** Whether a source may have this name. */
export function isSourceName(name: string): boolean {
  return name !== UNNAMEABLE && /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,62}$/u.test(name);
}

/** Reads the section `sources`: descriptions by name. `place` begins every message. Throws UsageError. */
function readSources(
  section: Readonly<Record<string, unknown>>,
  place: string,
): Map<string, SourceDescription> {
  const sources = new Map<string, SourceDescription>();
  for (const [name, written] of Object.entries(section)) {
    if (!isSourceName(name))
      throw new UsageError(
        `${place}: a name of letters, digits, ".", "_" and "-" was expected, found ${quote(name)}`,
      );
    sources.set(name, readDescription(written, `${place}.${name}`));
  }
  if (sources.size === 0) throw new UsageError(`${place}: at least one table was expected, found none`);
  return sources;
}

/** Reads one description. Throws UsageError. */
export function readDescription(written: unknown, place: string): SourceDescription {
  if (!isObject(written)) throw expected(place, 'an object like {"table": "market.candles"}', written);
  for (const key of Object.keys(written))
    if (!(KEYS as readonly string[]).includes(key))
      throw new UsageError(`${place}.${key}: there is no such key; there are ${KEYS.join(', ')}`);
  const { table, columns = {}, unit, day, zone, session, currency, volume, calendar, lateAfter } = written;
  if (typeof table !== 'string' || table.trim() === '')
    throw expected(`${place}.table`, 'a table or view like "market.candles"', table);
  return {
    table,
    columns: readColumns(columns, `${place}.columns`),
    unit: oneOf(unit, DAY_UNITS, `${place}.unit`) ?? null,
    dayEnd: oneOf(day, DAY_ENDS, `${place}.day`) ?? 'open',
    zone: readZone(zone, `${place}.zone`),
    isSession: readFlag(session, `${place}.session`),
    currency: readCurrency(currency, `${place}.currency`),
    volume: oneOf(volume, VOLUME_UNITS, `${place}.volume`) ?? null,
    expectation: readExpectation({ calendar, lateAfter }, place),
  };
}

function readColumns(written: unknown, place: string): SourceDescription['columns'] {
  if (!isObject(written)) throw expected(place, 'an object like {"id": "coin_id", "day": "date"}', written);
  const columns: Partial<Record<ColumnRole, string | number>> = {};
  for (const [role, column] of Object.entries(written)) {
    if (!isRole(role))
      throw new UsageError(`${place}.${role}: there is no such column; there are ${COLUMN_ROLES.join(', ')}`);
    const isId = role === 'id' && Number.isSafeInteger(column) && (column as number) > 0;
    if (!isId && (typeof column !== 'string' || column === ''))
      throw expected(
        `${place}.${role}`,
        role === 'id' ? 'a column, or the id of the one asset' : 'the name of a column',
        column,
      );
    columns[role] = column as string | number;
  }
  return columns;
}

function isRole(text: string): text is ColumnRole {
  return (COLUMN_ROLES as readonly string[]).includes(text);
}

function readZone(written: unknown, place: string): string {
  if (written === undefined) return 'UTC';
  const wanted = 'an IANA time zone like "America/New_York"';
  if (typeof written !== 'string') throw expected(place, wanted, written);
  try {
    new Intl.DateTimeFormat('en', { timeZone: written });
  } catch {
    throw expected(place, wanted, written);
  }
  // Offsets and POSIX forms mean another thing to the database than to us.
  if (!/^(UTC|GMT|[A-Za-z]+(\/[A-Za-z0-9_+-]+)+)$/.test(written)) throw expected(place, wanted, written);
  return written;
}

function readFlag(written: unknown, place: string): boolean {
  if (written !== undefined && typeof written !== 'boolean') throw expected(place, 'true or false', written);
  return written === true;
}

function readCurrency(written: unknown, place: string): string | null {
  if (written === undefined) return null;
  if (typeof written !== 'string' || !/^[A-Za-z0-9]{2,12}$/.test(written))
    throw expected(place, 'a currency like "USD"', written);
  return written.toUpperCase();
}

function oneOf<T extends string>(written: unknown, values: readonly T[], place: string): T | undefined {
  if (written === undefined) return undefined;
  const found = values.find((value) => value === written);
  if (found === undefined) throw expected(place, values.map(quote).join(' or '), written);
  return found;
}

function expected(place: string, what: string, found: unknown): UsageError {
  return new UsageError(`${place}: ${what} was expected, found ${quote(found)}`);
}

function quote(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
