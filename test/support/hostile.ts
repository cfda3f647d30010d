/** Texts that mean harm, or nothing. */
import fc from 'fast-check';

/** Endings of SQL, of shells, of files and of numbers; what terminals obey; what looks like something else. */
const FRAGMENTS = [
  ...[
    `'`,
    `"`,
    `;`,
    `--`,
    `/*`,
    `*/`,
    `\\`,
    `$$`,
    `$1`,
    `')`,
    `"; drop table canary; --`,
    `'; drop table canary; --`,
  ],
  ...[
    '\0',
    '\n',
    '\r\n',
    '\t',
    '\u001b[2J',
    '\ufeff',
    '\u202e',
    '\ud800',
    '\u0000canary',
    '\u0660\u0661',
    '０１',
  ],
  ...[
    '../',
    '/dev/null',
    '%00',
    '%zz',
    '%',
    '$(reboot)',
    '`id`',
    '{{x}}',
    '<script>',
    '__proto__',
    'constructor',
  ],
  ...[
    '-1',
    '+1',
    '0x10',
    '1e3',
    '1_000',
    '2147483648',
    '99999999999999999999',
    'NaN',
    'Infinity',
    '-0',
    ' ',
    ',',
    ':',
  ],
  ...[
    'all',
    'public',
    'pg_catalog',
    'canary',
    'null',
    'é',
    '💥',
    'x'.repeat(70),
    '@',
    '#',
    '?',
    '=',
    '&',
    '://',
  ],
];

/** Anything: bytes, words of the list above, and a valid text with such words in it. */
export function hostileTexts(...valid: readonly string[]): fc.Arbitrary<string> {
  const fragment = fc.constantFrom(...FRAGMENTS);
  const base = fc.constantFrom('', ...valid);
  const spoilt = fc
    .tuple(base, fc.array(fc.tuple(fragment, fc.nat()), { minLength: 1, maxLength: 3 }))
    .map(([text, words]) =>
      words.reduce((result, [word, place]) => {
        const at = place % (result.length + 1);
        return result.slice(0, at) + word + result.slice(at);
      }, text),
    );
  return fc.oneof(
    { weight: 6, arbitrary: spoilt },
    { weight: 2, arbitrary: fc.array(fragment, { maxLength: 4 }).map((words) => words.join('')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 1, arbitrary: fc.constantFrom('', ...valid) },
  );
}
