import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXAMPLE_URL, hidePassword, rememberSecrets } from './secrets.js';

describe('hidePassword', () => {
  test.each([
    ['postgresql://u:canary@h/d', 'postgresql://u:***@h/d'],
    ['postgresql://:canary@h/d', 'postgresql://:***@h/d'],
    ['at postgres+psycopg2://u:ca%2Fnary@h:1/d: refused', 'at postgres+psycopg2://u:***@h:1/d: refused'],
    ['postgres://u:can@ar/y:x@h/d', 'postgres://u:***@h/d'],
    ["postgres://u:can'ary@h/d", 'postgres://u:***@h/d'],
    ['{"url":"postgres://u:canary@h/d","n":1}', '{"url":"postgres://u:***@h/d","n":1}'],
    ['postgres://u:canary@h/d, postgres://u@i/e', 'postgres://u:***@h/d, postgres://u@i/e'],
    ['u=postgresql%3A%2F%2Fu%3Acanary%40h%2Fd&x=1', 'u=postgresql%3A%2F%2Fu%3A***%40h%2Fd&x=1'],
    ['postgresql://h/d?password=canary&x=1', 'postgresql://h/d?password=***&x=1'],
    ['postgresql://h/d?x=1&sslpassword=canary', 'postgresql://h/d?x=1&sslpassword=***'],
    ['%3Fpassword%3Dcanary%26x%3D1', '%3Fpassword%3D***%26x%3D1'],
    ["host=h password='can ary' user=u", 'host=h password=*** user=u'],
    ["{ user: 'u', password: 'canary' }", "{ user: 'u', password: *** }"],
    ['PGPASSWORD=canary psql', 'PGPASSWORD=*** psql'],
  ])('%s', (text, hidden) => {
    expect(hidePassword(text)).toBe(hidden);
  });

  test.each([
    'postgresql://ann@h:5432/d',
    'password authentication failed for user "ann"',
    'see https://example.org:8080/a?b=c',
    'bypass=1, invalid password: try again',
  ])('leaves alone: %s', (text) => {
    expect(hidePassword(text)).toBe(text);
  });
});

test('the URL that shows the form is left as it is', () => {
  const text = `expected a URL like ${EXAMPLE_URL}, found postgres://u:canary@h/d (URL: ${EXAMPLE_URL})`;
  expect(hidePassword(text)).toBe(text.replace('canary', '***'));
});

describe('secrets that are known', () => {
  test('are hidden wherever they stand and however they are spelt', () => {
    rememberSecrets('postgres://u:s3cr%2Fet%20word@h/d');
    for (const form of [
      's3cr/et word',
      's3cr%2Fet%20word',
      's3cr%2fet%20word',
      's3cr%2Fet+word',
      's3cr%252Fet%2520word',
    ])
      expect(hidePassword(`x${form}y and "${form}"`)).toBe('x***y and "***"');
  });

  test('however badly the URL is written', () => {
    for (const [text, secret] of [
      ['postgres://u:bl ank"quote@h/d', 'bl ank"quote'],
      ['postgres://u:sla/sh@at#ha@h/d', 'sla/sh@at#ha'],
      ['mysql://u:another-kind@h/d', 'another-kind'],
      ["host=h password='quo\\'ted blank' user=u", "quo'ted blank"],
      ['host=h password=plain-word user=u', 'plain-word'],
      ['postgres://h/d?sslpassword=of%3Dthe-key&x=1', 'of=the-key'],
    ] as const) {
      rememberSecrets(text);
      expect(hidePassword(`driver: <${secret}>`)).toBe('driver: <***>');
    }
  });

  test('short ones are hidden where they must be and nowhere else; longer ones as words of their own', () => {
    rememberSecrets('postgres://u:a@h/d');
    expect(hidePassword('a cat at postgres://u:a@h/d?password=a&b=a')).toBe(
      'a cat at postgres://u:***@h/d?password=***&b=a',
    );
    rememberSecrets('postgres://u:table1@h/d');
    expect(hidePassword('table1, table10, stable1: "table1"')).toBe('***, table10, stable1: "***"');
  });

  test('of two that begin alike nothing is left over, whichever was known first', () => {
    rememberSecrets('postgres://u:begins-alike@h/d');
    rememberSecrets('postgres://u:begins-alike-and-goes-on@h/d');
    expect(hidePassword('"begins-alike-and-goes-on", "begins-alike"')).toBe('"***", "***"');
  });

  test('a password that is shown anyway, as the user or the database, is not blanked everywhere', () => {
    rememberSecrets('postgres://postgres:postgres@h/warehouse');
    expect(hidePassword('user "postgres" of postgresql://postgres:postgres@h/warehouse')).toBe(
      'user "postgres" of postgresql://postgres:***@h/warehouse',
    );
  });
});

const passwords = fc.oneof(
  fc.string({ unit: 'binary', minLength: 6, maxLength: 24 }),
  fc.string({ unit: 'grapheme', minLength: 6, maxLength: 24 }),
  fc.string({ unit: fc.constantFrom(...'@:/?#%&=+ \'"\\<>{}[]|$^*a1é'), minLength: 6, maxLength: 16 }),
);

test('a generated password is in no text that leaves: raw, encoded, in JSON, in a URL, in a keyword list', () => {
  fc.assert(
    fc.property(passwords, (password) => {
      const encoded = encodeURIComponent(password);
      const url = `postgresql://ann:${encoded}@example.org:5432/market`;
      rememberSecrets(url);
      const raw = `postgresql://ann:${password}@example.org/market`;
      rememberSecrets(raw);
      const text = [
        ...[
          url,
          raw,
          `failed for <${password}>`,
          JSON.stringify({ url, password, raw }),
          encodeURIComponent(url),
        ],
        ...[
          `host=h password='${password}'`,
          `?password=${encoded}&x=1`,
          `the URL ${encodeURI(raw)} cannot be read`,
        ],
      ].join('\n');
      const hidden = hidePassword(text);
      // Three stars may be a password too: what hides it looks like it.
      fc.pre(!'***'.includes(password));
      for (const form of [password, encoded, JSON.stringify(password).slice(1, -1)])
        if (hidden.includes(form)) expect.fail(`${JSON.stringify(form)} is in ${JSON.stringify(hidden)}`);
      expect(hidden).toContain('postgresql://ann:***@example.org:5432/market');
    }),
    { numRuns: 300, seed: 20_261_124 },
  );
});

test('of a generated password of one to five characters its places are hidden', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }), (password) => {
      const encoded = encodeURIComponent(password.toWellFormed());
      expect(hidePassword(`at postgresql://ann:${encoded}@h/d: no`)).toBe('at postgresql://ann:***@h/d: no');
    }),
    { numRuns: 1000, seed: 5 },
  );
});

test('a text that was said before its secret was known is hidden from then on', () => {
  const text = 'connect as latecomer-4711: refused';
  expect(hidePassword(text)).toBe(text);
  rememberSecrets('postgresql://ann:latecomer-4711@h/d');
  expect(hidePassword(text)).toBe('connect as ***: refused');
  expect(hidePassword(text)).toBe('connect as ***: refused');
});

describe('by their place', () => {
  test.each([
    ['postgresql://bob%3Asecret-word@h/d', 'postgresql://bob%3A***@h/d'],
    ['postgresql://bob%253asecret-word@h/d', 'postgresql://bob%253a***@h/d'],
    [`password='never closed secret-word`, 'password=***'],
    ['://bob:secret-word@h', '://bob:***@h'],
  ])('%s', (text, shown) => {
    expect(hidePassword(text)).toBe(shown);
  });

  test('a password that somebody put into the user name is known from then on', () => {
    rememberSecrets('postgresql://bob%3Aonly-known-here@h/d');
    expect(hidePassword('user "bob:only-known-here" does not exist')).not.toContain('only-known-here');
  });

  // With patterns that try every way these take hours.
  test.each([
    'a',
    '://a:',
    '://a:b',
    `password='`,
    'pwd ',
    'pwd =',
    '%3a%2f%2fa',
    '%3a%2f%2fa%3a',
    '@://a:',
    `"`,
    `'`,
  ])(
    'a text of a million characters of %s is over in no time',
    (part) => {
      const text = part.repeat(1_000_000 / part.length);
      expect(hidePassword(text).length).toBeGreaterThan(0);
      expect(hidePassword(`${text}@`).length).toBeGreaterThan(0);
    },
    60_000,
  );
});
