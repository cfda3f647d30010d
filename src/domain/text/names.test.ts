import { expect, test } from 'vitest';
import { UsageError } from './errors.js';
import { checkName, checkRoleName } from './names.js';

test.each(['public', 'Some "where" else', "o'brien", 'é'.repeat(31), ' ', '$grants$', 'x'.repeat(63)])(
  'a name: %s',
  (name) => {
    expect(checkName('--schema', name)).toBe(name);
  },
);

test.each(['', 'x'.repeat(64), 'é'.repeat(32), 'a\nb', 'a\0b', '\u007f', 'a\u0085b', '\ud800'])(
  'not a name: %j',
  (name) => {
    expect(() => checkName('--schema', name)).toThrow(UsageError);
    expect(() => checkName('--schema', name)).toThrow(/^--schema expects a name of 1 to 63 bytes/);
  },
);

test.each(['pg_monitor', 'PG_x', 'public', 'None'])('not a role of yours: %s', (name) => {
  expect(checkName('--runner', name)).toBe(name);
  expect(() => checkRoleName('--runner', name)).toThrow("is PostgreSQL's own");
});
