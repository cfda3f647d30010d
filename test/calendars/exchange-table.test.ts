/** The table of exchanges against exchange_calendars of PyPI, where there is a Python that has it or can install it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listExpected } from '../../src/domain/calendar/calendar.js';
import { formatDay, parseDay } from '../../src/domain/calendar/day.js';
import { exchangeCalendar, exchangeKnownSince, listExchanges } from '../../src/domain/calendar/exchanges.js';
import { note } from '../support/note.js';

const TOOL = fileURLToPath(new URL('../../tools/write-exchanges.py', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/exchange-calendars', import.meta.url));
/** The version that the table was made with: another one may know more. */
const PACKAGE = 'exchange_calendars==4.13.2';

const run = (program: string, args: readonly string[], timeout: number): string =>
  execFileSync(program, args, {
    encoding: 'utf8',
    timeout,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64e6,
  });

/** A Python that has the package: the one that is named, the usual one, or one of our own that is made once. */
function findPython(): string | null {
  const own = join(CACHE, 'bin', 'python3');
  for (const python of [process.env.BARWRIGHT_PYTHON, 'python3', own]) {
    if (python === undefined || (python === own && !existsSync(own))) continue;
    if (attempt(() => run(python, ['-c', 'import exchange_calendars'], 60_000))) return python;
  }
  mkdirSync(CACHE, { recursive: true });
  const isMade =
    attempt(() => run('python3', ['-m', 'venv', CACHE], 60_000)) &&
    attempt(() => run(own, ['-m', 'pip', 'install', '--quiet', PACKAGE], 240_000));
  return isMade ? own : null;
}

function attempt(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

test('every exchange has the sessions that exchange_calendars has, from the first to the last day', () => {
  const python = findPython();
  if (python === null)
    return note(
      `[INFO] left out: no Python with ${PACKAGE}: the table of exchanges was not compared with it`,
    );
  const spans = listExchanges().map((mic) => {
    const calendar = exchangeCalendar(mic);
    const [first, last] = [exchangeKnownSince(mic), calendar?.knownThrough];
    if (calendar === null || first === null || last == null) throw new Error(mic);
    return { mic, calendar, first, last };
  });
  const asked = spans.map(({ mic, first, last }) => `${mic},${formatDay(first)},${formatDay(last)}`);
  const lines = run(python, [TOOL, '--print', ...asked], 300_000)
    .trimEnd()
    .split('\n');
  const theirs = Map.groupBy(lines, (line) => line.slice(0, 4));
  for (const { mic, calendar, first, last } of spans) {
    const sessions = listExpected(calendar, first - 1, last).map((day) => `${mic} ${formatDay(day)}`);
    expect(sessions.length, mic).toBeGreaterThan(5000);
    expect(sessions, mic).toEqual(theirs.get(mic));
  }
  expect(parseDay('2026-12-31')).toBeLessThanOrEqual(Math.min(...spans.map((span) => span.last)));
}, 600_000);
