import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAlertFile, writeAlertFile } from './alert-file.js';
import type { AlertEntry } from './decide.js';

const NOW = Date.parse('2026-03-01T06:00:00Z');
const DAY = 86_400_000;
const ENTRY: AlertEntry = {
  warehouse: 'db:5432/market schema public',
  key: 'bars: bad row',
  kind: 'failure',
  component: null,
  ids: [52, 825],
  words: 'bad row',
  isOpen: true,
  isTold: true,
  firstSeenMs: NOW - DAY,
  lastSeenMs: NOW,
  lastSentMs: null,
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-alert-file-'));
  file = join(folder, 'logs', 'alerts.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the alert file', () => {
  test('gives back what was written, and leaves nothing beside it', () => {
    const entries = [ENTRY, { ...ENTRY, key: 'b', kind: 'death' as const, lastSentMs: NOW }];
    writeAlertFile(entries, NOW, file);
    expect(readAlertFile(file)).toEqual({ entries, warning: null });
    expect(readdirSync(join(folder, 'logs'))).toEqual(['alerts.json']);
  });

  test('forgets what ended, and deaths, after thirty days; what lasts stays', () => {
    const old = NOW - 31 * DAY;
    const entries = [
      { ...ENTRY, key: 'lasts', lastSeenMs: old },
      { ...ENTRY, key: 'ended', lastSeenMs: old, isOpen: false },
      { ...ENTRY, key: 'ended yesterday', lastSeenMs: NOW - DAY, isOpen: false },
      { ...ENTRY, key: 'death', lastSeenMs: old, kind: 'death' as const },
    ];
    writeAlertFile(entries, NOW, file);
    expect(readAlertFile(file).entries.map(({ key }) => key)).toEqual(['lasts', 'ended yesterday']);
  });

  test('that is not there is empty, silently', () => {
    expect(readAlertFile(file)).toEqual({ entries: [], warning: null });
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{"version":2,"entries":[]}',
    '{"version":1,"entries":[{"key":1}]}',
    '\u0000',
  ])('that is damaged (%j) is empty, with a warning, and can be replaced', (text) => {
    mkdirSync(join(folder, 'logs'));
    writeFileSync(file, text);
    const { entries, warning } = readAlertFile(file);
    expect(entries).toEqual([]);
    expect(warning).toMatch(/alerts\.json is damaged and was ignored/);
    writeAlertFile([ENTRY], NOW, file);
    expect(readAlertFile(file).entries).toEqual([ENTRY]);
  });

  test('in whose place something else is: a warning on reading, an error on writing, nothing left behind', () => {
    mkdirSync(file, { recursive: true });
    expect(readAlertFile(file).warning).toMatch(/cannot be read \(.*is not a file\)/);
    expect(() => writeAlertFile([ENTRY], NOW, file)).toThrow(/EISDIR/);
    expect(readdirSync(join(folder, 'logs'))).toEqual(['alerts.json']);
    writeFileSync(join(folder, 'plain'), '');
    expect(() => writeAlertFile([ENTRY], NOW, join(folder, 'plain', 'alerts.json'))).toThrow(
      /ENOTDIR|EEXIST/,
    );
    expect(readFileSync(join(folder, 'plain'), 'utf8')).toBe('');
  });
});
