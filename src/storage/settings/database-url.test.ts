import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { note } from '../../../test/support/note.js';
import { UsageError } from '../../domain/text/errors.js';
import { findDatabaseUrl, resolveDatabaseUrl } from './database-url.js';

const A = 'postgresql://ann:canary-a@host-a/a';
const B = 'postgresql://bob:canary-b@host-b/b';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-url-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeConfig(content: string | Buffer, below = ''): string {
  const path = join(folder, below, 'db_config.env');
  mkdirSync(join(folder, below), { recursive: true });
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

function resolve(env: NodeJS.ProcessEnv = {}, below = '', cliDbUrl?: string) {
  const argv = cliDbUrl === undefined ? [] : [`--db-url=${cliDbUrl}`];
  return resolveDatabaseUrl({ cliDbUrl, cwd: join(folder, below), env, argv });
}

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as Error;
  }
  throw new Error('expected a UsageError');
}

describe('order of the sources (design.md, Database)', () => {
  test('--db-url wins over the file, the file over TARGET_DB_URL, that over MARKETDATA_DB_URL', () => {
    const path = writeConfig(`TARGET_DB_URL=${B}`);
    const env = { TARGET_DB_URL: 'postgresql://c/c', MARKETDATA_DB_URL: 'postgresql://d/d' };
    expect(resolve(env, '', A)).toMatchObject({ url: A, source: '--db-url' });
    expect(resolve(env)).toEqual({
      url: B,
      source: `db_config.env (${path})`,
      warnings: [
        expect.stringMatching(/^TARGET_DB_URL of the environment is ignored: db_config\.env .* comes first/),
      ],
    });
    rmSync(path);
    expect(resolve(env)).toMatchObject({ url: 'postgresql://c/c', source: 'TARGET_DB_URL' });
    expect(resolve({ MARKETDATA_DB_URL: A })).toMatchObject({ url: A, source: 'MARKETDATA_DB_URL' });
  });

  test('a file is found up to five folders up, not six; the nearest wins', () => {
    writeConfig(`TARGET_DB_URL=${A}`);
    mkdirSync(join(folder, '1/2/3/4/5/6'), { recursive: true });
    expect(resolve({}, '1/2/3/4/5').url).toBe(A);
    expect(findDatabaseUrl({ cwd: join(folder, '1/2/3/4/5/6'), env: {} })).toBeNull();
    writeConfig(`TARGET_DB_URL=${B}`, '1/2');
    expect(resolve({}, '1/2/3').url).toBe(B);
  });

  test('none: the error names the four ways and --embedded', () => {
    const { message } = errorOf(() => resolve({ TARGET_DB_URL: ' ' }));
    for (const way of ['--db-url', 'db_config.env', 'TARGET_DB_URL', 'MARKETDATA_DB_URL', '--embedded'])
      expect(message).toContain(way);
  });

  test('a file without the key is left out with a warning', () => {
    const path = writeConfig('OTHER=1');
    expect(resolve({ TARGET_DB_URL: A })).toEqual({
      url: A,
      source: 'TARGET_DB_URL',
      warnings: [`${path} has no TARGET_DB_URL`],
    });
  });

  test('a typed --db-url that is empty is an error, not "not typed"', () => {
    expect(errorOf(() => resolve({ TARGET_DB_URL: A }, '', '')).message).toContain('--db-url is empty');
  });

  test('a typed password is warned about, a typed URL without one is not', () => {
    expect(resolve({}, '', A).warnings[0]).toContain('a password in --db-url');
    expect(resolve({}, '', 'postgresql://h/d?password=x').warnings).toHaveLength(1);
    expect(resolve({}, '', 'postgresql://ann@h/d').warnings).toEqual([]);
  });

  test('a password that is in no argument list is not warned about', () => {
    expect(resolveDatabaseUrl({ cliDbUrl: A, argv: ['refresh', '--all'] }).warnings).toEqual([]);
  });
});

describe('how db_config.env may be written', () => {
  test.each([
    ['plain', `TARGET_DB_URL=${A}`],
    ['export', `export TARGET_DB_URL=${A}`],
    ['blanks', `  export   TARGET_DB_URL =  ${A}  `],
    ['double quotes', `TARGET_DB_URL="${A}"`],
    ['single quotes', `TARGET_DB_URL='${A}' # mine`],
    ['comments', `# TARGET_DB_URL=${B}\n\nTARGET_DB_URL=${A} # the night's`],
    ['CRLF', `OTHER=1\r\nTARGET_DB_URL=${A}\r\nLAST=2\r\n`],
    ['CR', `OTHER=1\rTARGET_DB_URL=${A}\r`],
    ['BOM', `\uFEFFTARGET_DB_URL=${A}\n`],
    ['twice: the last', `TARGET_DB_URL=${B}\nTARGET_DB_URL=${A}`],
    ['UTF-16 of PowerShell', Buffer.from(`\uFEFFTARGET_DB_URL=${A}\r\n`, 'utf16le')],
  ])('%s', (_name, content) => {
    writeConfig(content);
    expect(resolve({ TARGET_DB_URL: B }).url).toBe(A);
  });

  test('an escaped quote in double quotes', () => {
    writeConfig('TARGET_DB_URL="postgresql://u:a\\"b@h/d"');
    expect(resolve().url).toBe('postgresql://u:a"b@h/d');
  });

  test.each([
    ['an open quote', `TARGET_DB_URL="${A}`],
    ['text after the quote', `TARGET_DB_URL='${A}'x`],
    ['no equals sign', `${A}`],
    ['an empty value', 'TARGET_DB_URL='],
    ['another database', 'TARGET_DB_URL=mysql://ann:canary-a@h/d'],
    ['a keyword list', 'TARGET_DB_URL=host=h password=canary-a'],
    ['a # in the password', 'TARGET_DB_URL=postgresql://ann:canary-a#1@h/d'],
    ['a blank in the password', 'TARGET_DB_URL=postgresql://ann:canary-a 1@h/d'],
    ['a / in the password', 'TARGET_DB_URL=postgresql://ann:canary-a/1@h/d'],
  ])('refused, without falling through and without showing the password: %s', (_name, content) => {
    const path = writeConfig(content);
    const { message } = errorOf(() => resolve({ TARGET_DB_URL: B }));
    expect(message).toContain(path);
    expect(message).not.toContain('canary');
  });
});

describe('what db_config.env may be', () => {
  test('writable by everybody: refused, whatever comes after it', () => {
    chmodSync(writeConfig(`TARGET_DB_URL=${A}`), 0o666);
    expect(errorOf(() => resolve({ TARGET_DB_URL: B })).message).toContain('chmod o-w');
  });

  test('a symbolic link is a warning; the file behind it must not be writable by everybody', () => {
    const target = join(folder, 'real.env');
    writeFileSync(target, `TARGET_DB_URL=${A}`, { mode: 0o600 });
    symlinkSync(target, join(folder, 'db_config.env'));
    expect(resolve()).toMatchObject({ url: A, warnings: [expect.stringContaining('symbolic link')] });
    chmodSync(target, 0o606);
    expect(errorOf(() => resolve({ TARGET_DB_URL: B })).message).toContain('chmod o-w');
  });

  test('a link to nothing, a folder: refused', () => {
    symlinkSync(join(folder, 'nothing'), join(folder, 'db_config.env'));
    expect(errorOf(() => resolve({ TARGET_DB_URL: B })).message).toContain('cannot be read');
    rmSync(join(folder, 'db_config.env'));
    mkdirSync(join(folder, 'db_config.env'));
    expect(errorOf(() => resolve({ TARGET_DB_URL: B })).message).toContain('is not a file');
  });

  if (process.getuid?.() === 0) {
    test('of another owner: a warning', () => {
      chownSync(writeConfig(`TARGET_DB_URL=${A}`), 65_534, 65_534);
      expect(resolve().warnings).toEqual([expect.stringContaining('another user (id 65534)')]);
    });
  } else note('[INFO] left out: tests that need to be root');
});

test.each([
  ['postgres://h/d', 'postgresql://h/d'],
  ['postgresql+psycopg2://u:p%40@h:5433/d?sslmode=require', 'postgresql://u:p%40@h:5433/d?sslmode=require'],
  ['POSTGRESQL+asyncpg://h/d', 'postgresql://h/d'],
  ['postgresql:///d?host=/var/run/postgresql', 'postgresql:///d?host=/var/run/postgresql'],
  [' postgres+pg8000://h/d ', 'postgresql://h/d'],
])('%s is used as %s', (written, used) => {
  expect(resolve({ MARKETDATA_DB_URL: written }).url).toBe(used);
});
