/** Every pattern of the code takes time in proportion to its text, whatever that is. */
import { isSafePattern } from 'redos-detector';
import { expect, test } from 'vitest';
import { findNodes, isProduct, readSources } from './support/house/source-file.js';

/** Steps, not time: the same on every machine. */
const LIMITS = { maxScore: 200, maxSteps: 20_000, timeout: Number.POSITIVE_INFINITY };

/** What the checker cannot see, or what no stranger writes: why each is fine. */
const KNOWN: Readonly<Record<string, string>> = {
  'src/storage/failures.ts': 'LOST_WORDS has no repetition: words, one after the other',
  'src/storage/migrations.ts': 'it reads the files of the package',
  'src/storage/unreadable.ts': 'a quote always finds the next one, and the last one looks to the end once',
  'src/storage/parts.ts': 'it reads names of files, of at most 255 bytes',
  'src/cli/last-words.ts': 'each part has at most 500 characters',
  'src/components/ingest/convert/date-format.ts': 'it reads parts of our own table',
  'src/components/ingest/read/zip.ts': 'a name ends at the next /',
  'src/domain/source/description.ts':
    'a quote always finds the next one, and the last one looks to the end once',
  'src/components/ingest/convert/day-text.ts':
    'it begins at the first character, and no part repeats more than nine times',
  'src/components/ingest/formats/format.ts':
    'what stands in parentheses ends at the next one, of either kind',
  'src/components/ingest/hints.ts': 'no part repeats more than nine times',
  'src/domain/causes/cause.ts': 'each part of a list begins with a # of its own: nothing is tried twice',
};
/** Patterns that are made of parts: of what. */
const MADE: Readonly<Record<string, string>> = {
  'src/storage/failures.ts': 'the name of a table of ours',
  'src/storage/secrets.ts': 'words as they are, without repetition',
  'src/orchestration/sources.ts': 'a word of ours',
  'src/components/ingest/convert/date-format.ts':
    'the form of days that the user types, each part of it bounded',
  'src/components/ingest/convert/day-text.ts': 'texts of its own, with a rest that goes to the end',
  'src/storage/source.ts': 'two names, each with an end of its own',
  'src/web/page/asset/day-text.ts': 'a pattern of fixed length',
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

test('every pattern is linear', () => {
  const found = findNodes(FILES, (node, { path }) => {
    if (node.type !== 'Literal' || !('regex' in node) || node.regex === undefined || path in KNOWN)
      return null;
    const { pattern, flags } = node.regex as { pattern: string; flags: string };
    return isLinear(pattern, flags) ? null : `/${pattern}/${flags} is not linear`;
  });
  expect(found).toEqual([]);
}, 300_000);

test('a pattern that is made of parts is known, and made of parts that are no strangers', () => {
  const found = findNodes(FILES, (node, { path }) =>
    node.type === 'NewExpression' &&
    node.callee.type === 'Identifier' &&
    node.callee.name === 'RegExp' &&
    !(path in MADE)
      ? 'makes a pattern of parts'
      : null,
  );
  expect(found).toEqual([]);
});

test.each(['a+$', '\\s+$', '(a|a)*b', 'x.*y', '[a-z][a-z0-9+.-]*:\\/\\/[^\\s:@]*:[^\\s]*@'])(
  '%s is seen not to be linear',
  (pattern) => {
    expect(isLinear(pattern)).toBe(false);
  },
);
