import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../domain/text/errors.js';
import { isTrusted, TRUSTED_OWNERS } from './owners.js';

export const CONFIG_FILE = 'db_config.env';
/** Folders looked into: the working directory and five above it. */
const FOLDERS = 6;
const WORLD_WRITABLE = 0o002;

export interface ConfigFile {
  path: string;
  /** Values by key; the last line of a key wins, as in a shell. */
  values: ReadonlyMap<string, string>;
  warnings: readonly string[];
}

/** A file as it was read: its words, and what is odd about it. */
export interface ConfigText {
  path: string;
  text: string;
  warnings: string[];
}

/** Every db_config.env from `cwd` upwards, nearest first. Throws UsageError on one that must not be used. */
export function* listConfigFiles(cwd: string): Generator<ConfigFile> {
  for (const { path, text, warnings } of listConfigTexts(CONFIG_FILE, cwd))
    yield { path, values: parseConfig(text, path), warnings };
}

/** Every file of this name from `cwd` upwards, nearest first. Throws UsageError on one that must not be used. */
export function* listConfigTexts(name: string, cwd: string): Generator<ConfigText> {
  let folder = resolve(cwd);
  for (let k = 0; k < FOLDERS; k++) {
    const file = readConfigText(join(folder, name), { isAbove: k > 0 });
    if (file !== null) yield file;
    const parent = dirname(folder);
    if (parent === folder) return;
    folder = parent;
  }
}

/** `isAbove`: it lies in a folder above the working directory, where one does not look before typing a command. */
function readConfigText(path: string, { isAbove }: { isAbove: boolean }): ConfigText | null {
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (link === undefined) return null;
  const warnings: string[] = [];
  if (link.isSymbolicLink()) warnings.push(`${path} is a symbolic link`);
  const { stats, bytes } = readChecked(path);
  // A link of another user could lead to any file, also to one of ours.
  const stranger = [link.uid, stats.uid].find((uid) => !isTrusted(uid));
  if (stranger !== undefined && isAbove) throw refuseStranger(path, stranger);
  if (stranger !== undefined) warnings.push(`${path} belongs to another user (id ${stranger})`);
  return { path, text: decode(bytes), warnings };
}

function refuseStranger(path: string, uid: number): UsageError {
  return new UsageError(
    `${path} belongs to another user (id ${uid}), who could send the data elsewhere: put a file of your own into the ` +
      `working directory, or trust that user with ${TRUSTED_OWNERS}=${uid}`,
  );
}

/** Checks and reads one open file, so that what was checked is what is read. */
function readChecked(path: string): { stats: Stats; bytes: Buffer } {
  let descriptor: number;
  try {
    // Non-blocking: opening a named pipe would wait for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: make it readable for this user, or remove it`, { cause });
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new UsageError(`${path} is not a file: make it one, or remove it`);
    if (process.platform !== 'win32' && (stats.mode & WORLD_WRITABLE) !== 0) {
      throw new UsageError(
        `${path} can be written by everybody, who could send the data elsewhere: run "chmod o-w ${path}"`,
      );
    }
    return { stats, bytes: readFileSync(descriptor) };
  } finally {
    closeSync(descriptor);
  }
}

/** UTF-8 with or without BOM; UTF-16 with its BOM, as PowerShell writes it. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}

const LINE = /^([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/s;
const SINGLE_QUOTED = /^'([^']*)'\s*(?:#.*)?$/;
const DOUBLE_QUOTED = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/;

/** Lines `[export ]KEY=value`, blank lines and comments. A line that is none of these is refused, never skipped. */
function parseConfig(text: string, path: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, key, written] = LINE.exec(line.replace(/^export\s+(?=[A-Za-z_])/, '')) ?? [];
    const value = written === undefined ? null : parseValue(written.trim());
    if (key === undefined || value === null) {
      // The line is not shown: it may hold a password.
      throw new UsageError(
        `${path}, line ${index + 1}: expected KEY=value, with a closed quote if it has one`,
      );
    }
    values.set(key, value);
  }
  return values;
}

/** null: a quote that is not closed, or text after one. Unquoted, a # after a blank begins a comment. */
function parseValue(written: string): string | null {
  if (written.startsWith("'")) return SINGLE_QUOTED.exec(written)?.[1] ?? null;
  if (written.startsWith('"')) return DOUBLE_QUOTED.exec(written)?.[1]?.replace(/\\(["\\$`])/g, '$1') ?? null;
  return (written.split(/(?:^|\s)#/, 1)[0] ?? '').trim();
}
