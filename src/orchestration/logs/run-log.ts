/** The log of one run: JSON lines by pino, written by the parent; children report by events. */
import type { AssetOutcome, ComponentEvent, ComponentName } from '../../domain/planning/outcome.js';
import { describeError } from '../program/describe-error.js';
import { type Hide, hideIn } from '../program/secrets.js';
import type { RunListener } from '../report/run-scope.js';
import { type LineFile, openLineFile } from './log-file.js';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface RunLog {
  /** null: there is none. */
  readonly path: string | null;
  write(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
  /** Why lines are missing in it; null as long as none is. */
  readonly failure: string | null;
  close(): void;
}

export const NO_LOG: RunLog = { path: null, write() {}, failure: null, close() {} };

/**
 * Opens the log at `path`; every line has the id of the run. Never throws: a disk that is full, or a place where nothing can
 * be written, becomes `failure`, and lines are lost until it is possible again. `isPrivate`: as in openLineFile.
 */
export async function openRunLog(
  path: string,
  { hide, isPrivate, run }: { hide: Hide; isPrivate: boolean; run?: string },
): Promise<RunLog> {
  let failure: string | null = null;
  const fail = (error: unknown) => {
    failure ??= `the log ${path} cannot be written: ${hide(describeError(error))}; the run continues without it`;
  };
  const file = tryOpen(() => openLineFile(path, { isPrivate }), fail);
  const write = (line: string) => {
    try {
      file?.append(line);
    } catch (error) {
      fail(error);
    }
  };
  // Only now: a command that logs nothing does not wait for it.
  const { pino } = await import('pino');
  const logger = pino(
    {
      level: 'trace',
      base: { pid: process.pid, ...(run !== undefined && { run }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  );
  return {
    path,
    get failure() {
      return failure;
    },
    write: (level, message, fields = {}) =>
      logger[level](hideIn(fields, hide) as Record<string, unknown>, hide(message)),
    close: () => file?.close(),
  };
}

function tryOpen(open: () => LineFile, fail: (error: unknown) => void): LineFile | null {
  try {
    return open();
  } catch (error) {
    fail(error);
    return null;
  }
}

const LEVELS: Readonly<Record<string, LogLevel>> = { WARNING: 'warn', FAILED: 'error', SKIPPED: 'warn' };

/** A listener that logs everything and passes it on to `listener`; `logged` gets the outcomes that were logged. */
export function logRun(log: RunLog, listener: RunListener, logged: Set<string>): RunListener {
  return {
    say(text, whole = text) {
      const [, tag = '', words = whole] = /^\[([A-Z ]+)\] ([\s\S]*)$/.exec(whole) ?? [];
      log.write(LEVELS[tag] ?? 'info', words);
      listener.say(text);
    },
    event(component, event) {
      logEvent(log, component, event);
      if (event.type === 'asset_finished') logged.add(outcomeKey(component, event.outcome));
      listener.event(component, event);
    },
  };
}

/** The log has each outcome once: by its event, or at the end when there was no event. */
export function outcomeKey(component: string, outcome: AssetOutcome): string {
  return `${component} ${outcome.id} ${outcome.status}`;
}

/** Levels of events that are not "info". */
const EVENT_LEVELS: Readonly<Record<string, LogLevel>> = {
  heartbeat: 'trace',
  asset_started: 'debug',
  series: 'debug',
  failed: 'error',
};

/** Every event gets its line, also of a kind that is added later. */
function logEvent(log: RunLog, component: ComponentName, event: ComponentEvent): void {
  const { type, ...fields } = event;
  if (event.type === 'asset_finished') {
    logOutcome(log, component, event.outcome);
  } else if (event.type === 'message') {
    const level = event.level === 'warning' ? 'warn' : 'info';
    log.write(level, event.text, { component, event: type });
  } else {
    const words = event.type === 'failed' ? event.error : type.replaceAll('_', ' ');
    log.write(EVENT_LEVELS[type] ?? 'info', words, { ...fields, component, event: type });
  }
}

const OUTCOME_LEVELS = { ok: 'info', skipped: 'warn', failed: 'error' } as const;

/** One line for the outcome of one asset. */
export function logOutcome(log: RunLog, component: string, outcome: AssetOutcome): void {
  const { reason, ...fields } = outcome;
  log.write(OUTCOME_LEVELS[outcome.status], reason, { component, event: 'outcome', ...fields });
}
