import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandFor, type TypedFlags } from './command-line.js';

const NOTHING: TypedFlags = {
  ...{ id: null, symbol: null, map: null, dateFormat: null, decimal: null, zone: null },
  ...{ isAdjusted: false, skipBadRows: false },
};

/** The words that a shell hands to the program. */
function wordsOf(line: string): string[] {
  const { stdout } = spawnSync('sh', ['-c', `barwright() { printf '%s\\0' "$@"; }; ${line}`], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return stdout.split('\0').slice(0, -1);
}

test('a printed command has each text of a file as one word, whatever it holds', () => {
  const texts = fc.string({
    unit: fc.constantFrom(...'aB7 ;>|&$()`\'"\\*?=~#!-'),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(texts, texts, texts, (path, symbol, map) => {
      const line = commandFor(path, { ...NOTHING, map }, null)('--symbol', symbol);
      expect(wordsOf(line)).toEqual(['ingest', path, '--symbol', symbol, '--map', map]);
    }),
    { numRuns: 50 },
  );
});
