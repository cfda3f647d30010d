/** Every pattern of the code takes time in proportion to its text, whatever that is. */
import type { Node } from 'oxc-parser';
import { isSafePattern } from 'redos-detector';
import { expect, test } from 'vitest';
import { findNodes, isProduct, readSources } from './support/house/source-file.js';

/** Steps, not time: the same on every machine. */
const LIMITS = { maxScore: 200, maxSteps: 20_000, timeout: Number.POSITIVE_INFINITY };

/** What the checker cannot see, or what no stranger writes: pattern by pattern, and why each is fine. */
const KNOWN: readonly (readonly [file: string, pattern: RegExp, why: string])[] = [
  [
    'src/storage/failures/failures.ts',
    /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|Connection terminated|connection was cut|not queryable|read timeout|timeout expired|timeout exceeded when trying to connect/,
    'it has no repetition: words, one after the other',
  ],
  ['src/storage/schema/migrations.ts', /--.*$/, 'it reads the files of the package'],
  [
    'src/storage/schema/migrations.ts',
    /\bcreate\s+(?:or\s+replace\s+)?(?:materialized\s+)?(?:table|view|type|function|index|unique\s+index)\s+("?)([a-z_][a-z0-9_]*)\1/,
    'it reads the files of the package',
  ],
  [
    'src/storage/source/unreadable.ts',
    /"([^"]*)"/,
    'a quote always finds the next one, and the last one looks to the end once',
  ],
  [
    'src/storage/backup/partial-files.ts',
    /^\..+\.([0-9a-f]{8})-([0-9]+)\.part$/,
    'it reads names of files, of at most 255 bytes',
  ],
  ['src/cli/last-words.ts', /:\/\/[^\s@/]{1,500}@/, 'each part has at most 500 characters'],
  ['src/components/ingest/convert/date-format.ts', /<(\w+)>/, 'it reads parts of our own table'],
  [
    'src/components/ingest/read/bytes/zip.ts',
    /\/$|(?:^|\/)(?:\.|__MACOSX\/|thumbs\.db$|desktop\.ini$)|\.(?:md|pdf|html?|png|jpe?g|checksum|sha256|md5)$|(?:^|\/)(?:readme|license|copying)[^/]*$/,
    'a name ends at the next /',
  ],
  [
    'src/domain/source/description.ts',
    /(?:"[^"]*"|[^\s"])+/,
    'a quote always finds the next one, and the last one looks to the end once',
  ],
  [
    'src/components/ingest/convert/day-text.ts',
    /^(\d{1,2})(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?|-(?=[AP]M))\s{0,2}([AP]M)?\s{0,2}(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?(?:\s{0,2}\(?[A-Z]{2,5}\)?)?$/,
    'it begins at the first character, and no part repeats more than nine times',
  ],
  [
    'src/components/ingest/formats/parts/format.ts',
    /\([^()]*\)|\[[^[\]]*\]/,
    'what is in parentheses ends at the next one, of either kind',
  ],
  [
    'src/components/ingest/prices/hints.ts',
    /(?:^|\.)(?:\d{1,4}\. )?(?:symbol|ticker|tickers|pair|digital currency code)$/,
    'no part repeats more than nine times',
  ],
];
/** Patterns that are made of parts, by the name that they are made for: of what. */
const MADE: Readonly<Record<string, string>> = {
  'src/storage/failures/failures.ts: column': 'the name of a table of ours',
  'src/storage/settings/secrets.ts: patternOf': 'words as they are, without repetition',
  'src/orchestration/inspect/sources.ts: isTyped': 'a word of ours',
  'src/components/ingest/convert/date-format.ts: names': 'words of our own table',
  'src/components/ingest/convert/date-format.ts: pattern':
    'the form of days that the user types, each part of it bounded',
  'src/components/ingest/convert/day-text.ts: YEAR_FIRST': 'digits, and a rest that goes to the end',
  'src/components/ingest/convert/day-text.ts: COMPACT': 'digits, and a rest that goes to the end',
  'src/components/ingest/convert/day-text.ts: TWO_FIRST': 'digits, and a rest that goes to the end',
  'src/components/ingest/convert/day-text.ts: NAMED_FIRST':
    'from the first character on: words, blanks and digits, each of which the next one ends',
  'src/components/ingest/convert/day-text.ts: NAMED_SECOND':
    'from the first character on: words, blanks and digits, each of which the next one ends',
  'src/storage/source/source.ts: match': 'two names, each with an end of its own',
  'src/web/api/asset-address.ts: DAY': 'a pattern of fixed length',
};

function isLinear(pattern: string, flags = ''): boolean {
  return isSafePattern(pattern, {
    ...LIMITS,
    caseInsensitive: flags.includes('i'),
    dotAll: flags.includes('s'),
    multiLine: flags.includes('m'),
    unicode: flags.includes('u'),
  }).safe;
}

const FILES = readSources(['src/**/*.{ts,tsx}']).filter(isProduct);

/** What of a list was met in the code. */
const met = new Set<string>();

function isKnown(path: string, pattern: string): boolean {
  met.add(`${path}: ${pattern}`);
  return KNOWN.some(([file, known]) => file === path && known.source === pattern);
}

test('every pattern is linear', () => {
  const found = findNodes(FILES, (node, { path }) => {
    if (node.type !== 'Literal' || !('regex' in node) || node.regex === undefined) return null;
    const { pattern, flags } = node.regex as { pattern: string; flags: string };
    if (isKnown(path, pattern)) return null;
    return isLinear(pattern, flags) ? null : `/${pattern}/${flags} is not linear`;
  });
  expect(found).toEqual([]);
}, 300_000);

test('a pattern that is made of parts is known, and made of parts that are no strangers', () => {
  const found = findNodes(FILES, (node, { path }, ancestors) => {
    const isMade =
      (node.type === 'NewExpression' || node.type === 'CallExpression') &&
      node.callee.type === 'Identifier' &&
      node.callee.name === 'RegExp';
    if (!isMade) return null;
    const name = nameAround(ancestors);
    met.add(`${path}: ${name}`);
    return Object.hasOwn(MADE, `${path}: ${name}`) ? null : `makes a pattern of parts for ${name}`;
  });
  expect(found).toEqual([]);
});

/** The constant or function that a node is in. */
function nameAround(ancestors: readonly Node[]): string {
  for (const ancestor of ancestors.toReversed())
    if (
      (ancestor.type === 'VariableDeclarator' || ancestor.type === 'FunctionDeclaration') &&
      ancestor.id?.type === 'Identifier'
    )
      return ancestor.id.name;
  return '';
}

test('no exception is there for nothing', () => {
  const places = [...KNOWN.map(([file, { source }]) => `${file}: ${source}`), ...Object.keys(MADE)];
  expect(places.filter((place) => !met.has(place))).toEqual([]);
});

test.each(['a+$', '\\s+$', '(a|b|ab)*c', '(a*)*b', 'x.*y', '[a-z][a-z0-9+.-]*:\\/\\/[^\\s:@]*:[^\\s]*@'])(
  '%s is seen not to be linear',
  (pattern) => {
    expect(isLinear(pattern)).toBe(false);
  },
);
