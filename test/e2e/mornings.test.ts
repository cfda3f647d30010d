/** Thirty mornings: what one sees of a night, whether one is alerted, and what `check` says. Writes docs/reference/nights.md. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { widthOf } from '../../src/domain/causes/wrap.js';
import { formatMornings } from '../support/mornings/document.js';
import { dropEvenings, type Seen, see } from '../support/mornings/morning.js';
import { MORNINGS } from '../support/mornings/mornings.js';

const DOCUMENT = resolve(import.meta.dirname, '../../docs/reference/nights.md');
const MOST_LINES = 25;
const COLUMNS = 120;
/** What somebody reads in ten seconds. */
const GLANCE = 10;
const seen = new Map<string, Seen | null>();

afterAll(async () => {
  await dropEvenings();
  // Only a whole run knows the table, and only a good one says it.
  if (seen.size === MORNINGS.length)
    writeFileSync(
      DOCUMENT,
      formatMornings(MORNINGS.map((morning) => ({ morning, seen: seen.get(morning.night) ?? null }))),
    );
});

test('there are thirty of them, and each is another', () => {
  expect(new Set(MORNINGS.map(({ night }) => night)).size).toBe(MORNINGS.length);
  expect(MORNINGS.length).toBeGreaterThanOrEqual(30);
});

describe.each(MORNINGS)('$night', (morning) => {
  test('is seen, reported and judged', { timeout: 180_000 }, async () => {
    const found = await see(morning);
    if (found !== null) {
      const { exitCode, alert, check, lines, summary } = found;
      const text = `${lines.join('\n')}\n${summary.join('\n')}`;
      expect({ exitCode, alert, check }, text).toEqual({
        ...{ exitCode: morning.exitCode, alert: morning.alert, check: morning.check },
      });
      expect(
        lines.some((line) => morning.says.test(line)),
        text,
      ).toBe(true);
      expect(summary.length, text).toBeLessThanOrEqual(MOST_LINES);
      for (const line of summary) expect(widthOf(line), line).toBeLessThanOrEqual(COLUMNS);
      if (exitCode === 1 || exitCode === 3) {
        const glance = summary.slice(0, GLANCE).join(' ');
        expect(glance, text).toMatch(/since .*; +type: +barwright /);
      }
    }
    seen.set(morning.night, found);
  });
});
