/** barwright.config.json: read and checked. */

import { UNNAMEABLE } from '../../domain/source/description.js';
import { UsageError } from '../../domain/text/errors.js';
import type { ConfigText } from '../../storage/settings/config-file.js';
import { SETTINGS, type SettingRule } from './settings.js';

/** A value with the setting that it is for. */
export interface Configured {
  rule: SettingRule;
  value: unknown;
  /** "refresh.stalenessHours". */
  key: string;
}

export interface Config {
  path: string;
  warnings: readonly string[];
  /** For every command that has the flag. */
  shared: readonly Configured[];
  /** For one command, by its name. */
  own: ReadonlyMap<string, readonly Configured[]>;
}

/**
 * Reads a file; `commands` are the names of all commands, which may have settings of their own. Throws UsageError, one
 * sentence with the place, on what is not JSON, not known, or not of its kind.
 */
export function parseConfig(file: ConfigText, commands: readonly string[]): Config {
  const own = new Map<string, Configured[]>();
  const shared: Configured[] = [];
  for (const [key, value] of Object.entries(parseObject(file))) {
    if (key === '$schema') continue;
    // "source" is a setting and a command: what is not an object is the setting.
    if (!commands.includes(key) || (SETTINGS.has(key) && !isObject(value)))
      shared.push(checkSetting(file, { key, name: key, value }, commands));
    else if (isObject(value))
      own.set(
        key,
        Object.entries(value).map(([name, each]) =>
          checkSetting(file, { key: `${key}.${name}`, name, value: each }, []),
        ),
      );
    else throw new UsageError(`${placeOf(file, key)}: an object with settings of "${key}" was expected`);
  }
  return { path: file.path, warnings: file.warnings, shared, own };
}

function parseObject(file: ConfigText): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(file.text, (key, value) => {
      // Checks of objects pass over this name: it would be dropped silently.
      if (key === UNNAMEABLE) throw new UsageError(`${placeOf(file, key)}: nothing may have this name`);
      return value;
    });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file.path} is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(parsed))
    throw new UsageError(`${file.path}: an object like {"stalenessHours": 72} was expected`);
  return parsed;
}

interface Written {
  key: string;
  name: string;
  value: unknown;
}

/** `others`: what else may stand there. */
function checkSetting(
  file: ConfigText,
  { key, name, value }: Written,
  others: readonly string[],
): Configured {
  const rule = SETTINGS.get(name);
  if (rule === undefined) throw new UsageError(`${placeOf(file, key)}: ${explainUnknown(name, others)}`);
  const checked = rule.value.safeParse(value);
  if (checked.success) return { rule, value: checked.data, key };
  const why = checked.error.issues
    .map(({ message, path }) => [...path.map(String), ''].join('.').replace(/\.$/, ': ') + message)
    .join('; ');
  throw new UsageError(`${placeOf(file, key)}: ${why}, found ${JSON.stringify(value)?.slice(0, 80)}`);
}

const ELSEWHERE: Readonly<Record<string, string>> = {
  dbUrl: 'the database is named by db_config.env or TARGET_DB_URL, since more people may read this file',
  embedded: 'the embedded server is chosen by --embedded or BARWRIGHT_DB=embedded',
};

function explainUnknown(name: string, others: readonly string[]): string {
  const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (elsewhere !== undefined) return elsewhere;
  const names = [...SETTINGS.keys(), ...others];
  const near = names.find((known) => isNear(known.toLowerCase(), name.replaceAll(/[-_]/g, '').toLowerCase()));
  const hint = near === undefined ? 'docs/reference/config.md has the list' : `did you mean "${near}"?`;
  return `there is no setting of this name; ${hint}`;
}

/** Equal, or one letter too many, too few, another, or two that have changed places. */
function isNear(known: string, typed: string): boolean {
  let same = 0;
  while (same < known.length && known[same] === typed[same]) same++;
  const [rest, other] = [known.slice(same), typed.slice(same)];
  if (rest.slice(2) === other.slice(2) && rest[0] === other[1] && rest[1] === other[0]) return true;
  return [0, 1].some((a) => [0, 1].some((b) => rest.slice(a) === other.slice(b)));
}

/** Path, line and key: the first line that has the key's last name. */
function placeOf({ path, text }: ConfigText, key: string): string {
  const word = JSON.stringify(key.split('.').at(-1));
  const line = text.split('\n').findIndex((each) => each.includes(word)) + 1;
  return `${path}${line > 0 ? `, line ${line}` : ''}, "${key}"`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
