import { describe, expect, test } from 'vitest';
import { decidedOutcome, notRun, resultOf } from '../processes/component-result.js';
import { closeReport } from '../report/close-report.js';
import { newReport, type RefreshReport, type RefreshRequest } from '../report/refresh-report.js';
import type { AlertCause } from './causes.js';
import {
  type AlertEntry,
  type Decision,
  decideAlerts,
  hasEnded,
  mergeEntries,
  REPEAT_MS,
  settleDecision,
} from './decide.js';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-01T06:00:00Z');
const BAD_ROW: AlertCause = {
  kind: 'failure',
  key: 'bars: bad row',
  component: 'bars',
  ids: [825],
  words: 'bad row',
};

/** A memory that goes from run to run. */
class Memory {
  entries: AlertEntry[] = [];

  /** One run, `hours` after the first; what was sent in it, "+" for a cause and "-" for an end. */
  run(hours: number, causes: readonly AlertCause[], { isSent = true, hasLooked = true } = {}): string[] {
    const nowMs = START + hours * HOUR;
    const decision: Decision = decideAlerts({
      warehouse: 'w',
      causes,
      entries: this.entries,
      hasEnded: (entry) => hasLooked && entry.kind !== 'death',
      nowMs,
    });
    this.entries = settleDecision(decision, isSent, nowMs);
    return [...decision.due.map(({ key }) => `+${key}`), ...decision.ended.map(({ key }) => `-${key}`)];
  }
}

describe('decideAlerts', () => {
  test('the same cause once in twelve hours, and its end', () => {
    const memory = new Memory();
    expect(memory.run(0, [BAD_ROW])).toEqual(['+bars: bad row']);
    expect(memory.run(1, [BAD_ROW])).toEqual([]);
    expect(memory.run(11.9, [{ ...BAD_ROW, ids: [52] }])).toEqual([]);
    expect(memory.run(12, [BAD_ROW])).toEqual(['+bars: bad row']);
    expect(memory.run(13, [])).toEqual(['-bars: bad row']);
    expect(memory.run(14, [])).toEqual([]);
    expect(memory.entries[0]).toMatchObject({
      isOpen: false,
      isTold: false,
      ids: [52, 825],
      firstSeenMs: START,
    });
  });

  test('two causes do not hide each other', () => {
    const memory = new Memory();
    const other = { ...BAD_ROW, key: 'bars: disk full' };
    expect(memory.run(0, [BAD_ROW])).toEqual(['+bars: bad row']);
    expect(memory.run(1, [BAD_ROW, other])).toEqual(['+bars: disk full']);
    expect(memory.run(2, [other])).toEqual(['-bars: bad row']);
  });

  test('what ended and came back within twelve hours is sent neither as new nor as ended, after them as new', () => {
    const memory = new Memory();
    memory.run(0, [BAD_ROW]);
    expect(memory.run(1, [])).toEqual(['-bars: bad row']);
    expect(memory.run(2, [BAD_ROW])).toEqual([]);
    expect(memory.run(3, [])).toEqual([]);
    expect(memory.run(4, [BAD_ROW])).toEqual([]);
    expect(memory.run(12.5, [BAD_ROW])).toEqual(['+bars: bad row']);
    expect(memory.run(13, [])).toEqual(['-bars: bad row']);
  });

  test('what did not get through is sent again by the next run, also an end', () => {
    const memory = new Memory();
    expect(memory.run(0, [BAD_ROW], { isSent: false })).toEqual(['+bars: bad row']);
    expect(memory.run(1, [BAD_ROW])).toEqual(['+bars: bad row']);
    expect(memory.run(2, [], { isSent: false })).toEqual(['-bars: bad row']);
    expect(memory.run(3, [])).toEqual(['-bars: bad row']);
    expect(memory.run(4, [])).toEqual([]);
  });

  test('a run that did not look ends nothing', () => {
    const memory = new Memory();
    memory.run(0, [BAD_ROW]);
    expect(memory.run(1, [], { hasLooked: false })).toEqual([]);
    expect(memory.run(2, [])).toEqual(['-bars: bad row']);
  });

  test('a quarantine is sent once however long it lasts, and again when there is a new one', () => {
    const memory = new Memory();
    const quarantine: AlertCause = { ...BAD_ROW, kind: 'quarantine', key: 'bars: quarantined: ID 825' };
    expect(memory.run(0, [quarantine])).toHaveLength(1);
    expect(memory.run(24, [quarantine])).toEqual([]);
    expect(memory.run(240, [quarantine])).toEqual([]);
    expect(memory.run(264, [])).toEqual(['-bars: quarantined: ID 825']);
    expect(memory.run(288, [quarantine])).toEqual(['+bars: quarantined: ID 825']);
  });

  test('a death is sent once and has no end', () => {
    const memory = new Memory();
    const death: AlertCause = { ...BAD_ROW, kind: 'death', key: 'run: died: a' };
    expect(memory.run(0, [death])).toHaveLength(1);
    expect(memory.run(24, [death])).toEqual([]);
    expect(memory.run(48, [])).toEqual([]);
  });

  test('a clock that was ahead when it was sent does not silence a cause', () => {
    const memory = new Memory();
    memory.run(24 * 365, [BAD_ROW]);
    expect(memory.run(0, [BAD_ROW])).toEqual(['+bars: bad row']);
    expect(REPEAT_MS).toBe(12 * HOUR);
  });
});

test('mergeEntries: of two memories what was seen last, per warehouse', () => {
  const memory = new Memory();
  memory.run(0, [BAD_ROW]);
  const [open] = memory.entries as [AlertEntry];
  const closed = { ...open, isOpen: false, lastSeenMs: open.lastSeenMs + 1 };
  expect(mergeEntries([open], [closed])).toEqual([closed]);
  expect(mergeEntries([closed], [open])).toEqual([closed]);
  expect(mergeEntries([open], [{ ...closed, warehouse: 'other' }])).toHaveLength(2);
});

describe('hasEnded', () => {
  const outcome = (id: number, status: 'ok' | 'failed' | 'skipped') =>
    decidedOutcome(id, status, { reason: 'r' });
  const entry: AlertEntry = {
    ...BAD_ROW,
    warehouse: 'w',
    isOpen: true,
    isTold: true,
    firstSeenMs: START,
    lastSeenMs: START,
    lastSentMs: START,
  };
  const ofRun: AlertEntry = { ...entry, component: null, ids: [] };

  function judge(
    about: AlertEntry,
    run: {
      request?: Partial<RefreshRequest>;
      report?: Partial<RefreshReport>;
      statuses?: [number, 'ok' | 'failed' | 'skipped'][];
    },
  ): boolean {
    const request = { bars: true, emas: true, ...run.request };
    const outcomes = (run.statuses ?? []).map(([id, status]) => outcome(id, status));
    const bars = resultOf({ component: 'bars', durationMs: 1, returnCode: 0, error: null, outcomes });
    const report = { ...newReport(request), components: [bars], ...run.report };
    closeReport(report, 1);
    return hasEnded(about, request, report);
  }

  test('an asset: when it is ok again, or is in no run of all any more', () => {
    expect(judge(entry, { statuses: [[825, 'ok']] })).toBe(true);
    expect(judge(entry, { statuses: [[825, 'ok']], request: { ids: [825] } })).toBe(true);
    expect(judge(entry, { statuses: [[1, 'ok']] })).toBe(true);
    expect(
      judge(
        { ...entry, ids: [52, 825] },
        {
          statuses: [
            [825, 'ok'],
            [52, 'failed'],
          ],
        },
      ),
    ).toBe(false);
    expect(judge(entry, { statuses: [[825, 'failed']] })).toBe(false);
    expect(judge(entry, { statuses: [[825, 'skipped']] })).toBe(false);
  });

  test('a run that did not look at it says nothing', () => {
    expect(judge(entry, { statuses: [[1, 'ok']], request: { ids: [1] } })).toBe(false);
    expect(judge(entry, { statuses: [[825, 'ok']], request: { tfs: ['7D'] } })).toBe(false);
    expect(judge(entry, { statuses: [[1, 'ok']], request: { bars: false, emas: false } })).toBe(false);
    expect(judge({ ...entry, component: 'emas' }, { statuses: [[825, 'ok']] })).toBe(false);
    expect(judge(entry, { report: { components: [notRun('bars', 'x')] } })).toBe(false);
    const heldBy = { run: 'r', command: 'c', host: 'h', pid: 1, startedAt: '2026-03-01T06:00:00Z' };
    for (const report of [
      { heldBy },
      { interruptedBy: 'SIGTERM' },
      { error: 'lost' },
      { isDryRun: true },
    ] as const) {
      expect(judge(entry, { statuses: [[825, 'ok']], report })).toBe(false);
      expect(judge(ofRun, { report })).toBe(false);
    }
  });

  test('a cause of the run as a whole: when a run came through', () => {
    expect(judge(ofRun, { request: { ids: [1] } })).toBe(true);
    expect(judge({ ...entry, ids: [] }, { statuses: [[1, 'failed']] })).toBe(true);
  });

  test('a warning: only by a run that is strict too, of everything', () => {
    const warning: AlertEntry = { ...ofRun, kind: 'warning' };
    expect(judge(warning, { request: { strict: true } })).toBe(true);
    expect(judge(warning, {})).toBe(false);
    expect(judge(warning, { request: { strict: true, ids: [1] } })).toBe(false);
  });

  test('a death never', () => expect(judge({ ...ofRun, kind: 'death' }, {})).toBe(false));
});
