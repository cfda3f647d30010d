import { describe, expect, test } from 'vitest';
import type { AlertEntry } from './decide.js';
import { type AlertContext, composeMessage, escapeSlack, fitText, plainLine } from './message.js';

const CONTEXT: AlertContext = {
  command: 'refresh --all',
  verdict: 'FAILED: 1 failed, the rest is done',
  exitCode: 1,
  run: 'cae7c974',
  startedAt: '2026-03-01T06:00:00.000Z',
  host: 'vm',
  warehouse: 'db:5432/market schema public',
  schema: 'public',
  version: '0.1.0',
  logFile: '.logs/refresh-2026-03-01.log',
};
const ENTRY: AlertEntry = {
  warehouse: 'w',
  key: 'bars: bad row',
  kind: 'failure',
  component: 'bars',
  ids: [825],
  words: 'bad row',
  isOpen: true,
  isTold: false,
  firstSeenMs: Date.parse('2026-02-28T06:00:00Z'),
  lastSeenMs: 0,
  lastSentMs: null,
};
const compose = (due: AlertEntry[], ended: AlertEntry[] = [], exitCode = 1) =>
  composeMessage({ due, ended, entries: [] }, { ...CONTEXT, exitCode });

describe('composeMessage', () => {
  test('what, where, why, and where to read on', () => {
    expect(compose([ENTRY], [{ ...ENTRY, words: 'disk full', component: 'emas', ids: [] }]).text).toBe(
      [
        'barwright FAILED: refresh --all on vm',
        'FAILED: 1 failed, the rest is done (exit 1)',
        '- bars, ID 825: bad row',
        'Ended:',
        '- emas: disk full (since 2026-02-28T06:00:00.000Z)',
        'Warehouse: db:5432/market schema public. Started 2026-03-01T06:00:00.000Z, run cae7c974',
        'Log: .logs/refresh-2026-03-01.log',
      ].join('\n'),
    );
  });

  test('the first word says failure, warning or recovery', () => {
    expect(compose([{ ...ENTRY, kind: 'warning' }]).text).toMatch(/^barwright WARNING: /);
    expect(compose([{ ...ENTRY, kind: 'warning' }, ENTRY]).text).toMatch(/^barwright FAILED: /);
    expect(compose([], [ENTRY], 0).text).toMatch(/^barwright RECOVERED: /);
    expect(compose([], [ENTRY], 1).text).toMatch(/^barwright PARTLY RECOVERED: /);
  });

  test('ten causes are listed, the others counted', () => {
    const { text, facts } = compose(Array.from({ length: 12 }, () => ENTRY));
    expect(text.match(/^- /gm)).toHaveLength(10);
    expect(text).toContain('\n… and 2 more\n');
    expect(facts.causes).toHaveLength(12);
  });

  test('a name cannot add a line', () => {
    const { text } = compose([{ ...ENTRY, words: 'bad\n- bars, ID 1: faked\u202e\u0000' }]);
    expect(text).toContain('\n- bars, ID 825: bad - bars, ID 1: faked\n');
  });
});

describe('fitText', () => {
  test('what fits stays whole', () => {
    expect(fitText('x'.repeat(4096), 4096)).toBe('x'.repeat(4096));
    expect(fitText('', 10)).toBe('');
  });

  test.each([
    ['x'.repeat(5000), 4096],
    ['😀'.repeat(3000), 4096],
    [`a${'😀'.repeat(3000)}`, 4096],
    ['&<>'.repeat(3000), 4000],
  ])('text %#: cut where it may be', (text, maxUnits) => {
    const fitted = fitText(text, maxUnits, escapeSlack);
    expect(fitted.length).toBeLessThanOrEqual(maxUnits);
    expect(fitted.length).toBeGreaterThan(maxUnits - 20);
    expect(fitted.endsWith('… (cut)')).toBe(true);
    // No half of a surrogate pair, no half of an entity.
    expect(fitted.isWellFormed()).toBe(true);
    expect(fitted.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&');
  });
});

test('escapeSlack leaves nothing that Slack would read as a link or a call', () => {
  expect(fitText('<!channel> a & b <http://x|y>', 4000, escapeSlack)).toBe(
    '&lt;!channel&gt; a &amp; b &lt;http://x|y&gt;',
  );
});

test('plainLine: one line, nothing unseen, at most 500 units', () => {
  expect(plainLine('  a\r\n\tb\u0007\u200b\u2028c \ud800 d')).toBe('a b c d');
  expect(plainLine('x'.repeat(9_999))).toHaveLength(500);
});
