import { expect, test } from 'vitest';
import { keepSessions, SESSION_SECONDS } from './sessions.js';

test('a login ends after twelve hours, and not before', () => {
  let nowMs = 5;
  const sessions = keepSessions(() => nowMs);
  const cookie = sessions.open();
  nowMs += SESSION_SECONDS * 1000 - 1;
  expect(sessions.isOpen(cookie)).toBe(true);
  nowMs += 1;
  expect(sessions.isOpen(cookie)).toBe(false);
});

test('a login ends when its user logs out; others stay', () => {
  const sessions = keepSessions();
  const [one, other] = [sessions.open(), sessions.open()];
  sessions.end(one);
  expect([sessions.isOpen(one), sessions.isOpen(other)]).toEqual([false, true]);
  for (const guess of ['', other.slice(1), `${other}x`]) expect(sessions.isOpen(guess)).toBe(false);
});

test('of very many the newest thousand stand', () => {
  const sessions = keepSessions();
  const cookies = Array.from({ length: 1_003 }, () => sessions.open());
  expect(cookies.map((each) => sessions.isOpen(each))).toEqual(cookies.map((_each, index) => index >= 3));
});
