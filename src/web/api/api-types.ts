/**
 * The JSON of `barwright serve`, as types: the server writes it, the page reads it, docs/reference/http-api.md explains it.
 *
 * Days are 'YYYY-MM-DD', times ISO in UTC. Long series come as columns: arrays of equal length, one element per row.
 * Where a command of the CLI has a `--json` shape, the same fields stand here under the same names; more may be beside
 * them. Types only: nothing here exists when the program runs.
 */

/** Every answer that is not 2xx. `error` is one sentence for people; it never quotes a secret. */
export interface ApiError {
  error: string;
  kind:
    | 'bad_request' // 400: a parameter that is not understood; the sentence names it
    | 'unauthorized' // 401: a token is wanted
    | 'forbidden' // 403: wrong Host or Origin, a cross-site request, or runs are not allowed
    | 'not_found' // 404
    | 'conflict' // 409: a run is in progress
    | 'internal' // 500
    | 'database_away'; // 503: the database does not answer; try again, the server recovers by itself
}

/** GET /api/health. 200, or 503 with the same shape while the database is away. */
export interface HealthResponse {
  status: 'ok' | 'database_away';
  version: string;
  schema: string;
  database: DatabaseState;
  /** Whether this server was started with --allow-run: only then is there a button to start a refresh. */
  isRunAllowed: boolean;
  /** Server clock. */
  now: string;
}

/** Whether the database answers. */
export interface DatabaseState {
  isUp: boolean;
  /** Since when it is as it is. */
  since: string;
  /** One sentence; null when it is up. */
  error: string | null;
}

export type RunStatus = 'running' | 'ok' | 'failed' | 'skipped' | 'interrupted' | 'refused' | 'died';
export type StageStatus = 'ok' | 'failed' | 'skipped' | 'not_run';

/** One run, as in `barwright runs --json`. */
export interface RunSummary {
  run: string;
  command: string;
  options: Record<string, unknown>;
  status: RunStatus;
  exitCode: number | null;
  startedAt: string;
  finishedAt: string | null;
  /** Prices up to this time. */
  asOf: string;
  /** null: no end yet. */
  durationSec: number | null;
  host: string;
  pid: number;
  version: string;
  /** The run that found this one dead. */
  closedBy: string | null;
  /** The run that this one continues. */
  resumes: string | null;
  /** Why the run as a whole could not continue. */
  error: string | null;
  ok: number;
  failed: number;
  skipped: number;
  rowsWritten: number;
  /** In the order of work; [] while it runs. */
  stages: RunStage[];
}

/** One component of a run. */
export interface RunStage {
  component: string;
  status: StageStatus;
  durationSec: number;
  /** Median of the up to 50 runs of the same command before it in which this component was not left out; null: none. */
  medianSec: number | null;
  ok: number;
  failed: number;
  skipped: number;
  rowsNeeded: number;
  rowsWritten: number;
  error: string | null;
}

/** GET /api/runs?limit=20&before=RUN: the newest first; `before`: only runs that started before that one. */
export interface RunsResponse {
  version: 1;
  runs: RunSummary[];
  /** What to give as `before` for the next page; null: there is none. */
  next: string | null;
}

/** An asset that was not done, and why. */
export interface UndoneAsset {
  component: string;
  id: number;
  symbol: string | null;
  status: 'failed' | 'skipped';
  reason: string;
}

/** How long an asset took in one component: of assets that shared a transaction, its share. */
export interface SlowAsset {
  component: string;
  id: number;
  symbol: string | null;
  durationMs: number;
  rowsWritten: number;
}

/** GET /api/runs/:run (an id, its beginning, or "last"), as in `barwright runs RUN --json`. */
export interface RunResponse {
  version: 1;
  run: RunSummary & {
    assets: UndoneAsset[];
    /** Those that took longest, at most ten. */
    slowest: SlowAsset[];
    /** Of its summary, with the reason for its exit code; null while it runs or when it died. */
    verdict: string | null;
    warnings: string[];
    /** What was wrong, what is worst first; of runs before version 0.2 only warnings are known. */
    causes: RunCause[];
    /** While it runs. */
    progress: LiveRun | null;
  };
}

/** One thing that was wrong in a run, and the assets that had it. */
export interface RunCause {
  kind: string;
  severity: 'failed' | 'warning' | 'said';
  component: string | null;
  /** How many assets, or how many times. */
  count: number;
  ids: number[];
  symbols: Record<number, string>;
  /** ISO time of the oldest; null: first met in this run. */
  since: string | null;
  sentence: string;
  /** The sentence is one example of several that differ in numbers. */
  isExample: boolean;
  /** What to type; null: nothing. */
  command: string | null;
}

/** GET /api/alerts: what is open first, then the newest, at most 100. */
export interface AlertsResponse {
  version: 1;
  /** How many there are. */
  count: number;
  alerts: ToldAlert[];
}

/** One cause that somebody was, or is to be, alerted about. Times are ISO, UTC. */
export interface ToldAlert {
  kind: string;
  component: string | null;
  ids: number[];
  words: string;
  isOpen: boolean;
  firstSeen: string;
  lastSeen: string;
  /** null: it was not sent. */
  lastSent: string | null;
}

/** POST /api/runs, JSON, with `Authorization: Bearer TOKEN`. Only with --allow-run. */
export interface StartRunRequest {
  target: 'all' | 'bars' | 'emas' | 'indicators';
  /** null: every active asset. */
  ids: number[] | null;
}

/** 202. The run shows in /api/live as soon as it has the lease; `lastStart` there says when it could not. */
export interface StartRunResponse {
  version: 1;
  startedAt: string;
  pid: number;
}

/**
 * GET /api/live: server-sent events, all of type `state`, each with the whole LiveState as its data. One comes at once on
 * every connection (so a reload or a reconnect misses nothing), then whenever something changed, at most once a second.
 * A comment line every 15 s keeps the connection open. EventSource reconnects by itself.
 */
export interface LiveState {
  now: string;
  /** Host, port and name of the database, and the schema. */
  warehouse: { database: string; schema: string };
  database: DatabaseState;
  /** The run in progress; null: none is, or the database is away. */
  run: LiveRun | null;
  /** The newest run that has an end: when it changes, lists of runs and the freshness are to be read again. */
  lastRun: { run: string; command: string; status: RunStatus; finishedAt: string } | null;
  /** The newest refresh that this server started; null: none. */
  lastStart: LastStart | null;
}

export interface LastStart {
  startedAt: string;
  target: StartRunRequest['target'];
  isRunning: boolean;
  /** null while it runs, and when a signal ended it. */
  exitCode: number | null;
  /** The last line that it said: its verdict, or why it could not begin. */
  lastLine: string | null;
}

/** A run in progress. */
export interface LiveRun {
  run: string;
  command: string;
  startedAt: string;
  asOf: string;
  host: string;
  pid: number;
  /** Its last sign of life. */
  seenAt: string | null;
  /** It has lost its lease: its process died or has stopped; the next run closes it. */
  isSilent: boolean;
  /** Components that have begun, in the order of work; [] while it plans. The last one may be running. */
  stages: LiveStage[];
  /** Assets that failed so far, the newest first, at most 50; `undoneCount` counts all of them. */
  undone: UndoneAsset[];
  undoneCount: number;
}

export interface LiveStage {
  component: string;
  isRunning: boolean;
  startedAt: string;
  finishedAt: string | null;
  /** Assets: all that need work, and those that are done whatever came of it. */
  total: number;
  done: number;
  ok: number;
  failed: number;
  skipped: number;
  rowsWritten: number;
  /** Assets a second since it began; null: nothing is done yet. */
  ratePerSec: number | null;
  /** At this rate; null: not known, 0: done. */
  secondsLeft: number | null;
}

/** GET /api/plan[?target=all|bars|emas|indicators][&ids=1,52], as in `barwright plan --json`. */
export interface PlanResponse {
  version: 1;
  target: StartRunRequest['target'];
  /** An indicator is active, and so a part of "all". */
  hasIndicators: boolean;
  plan: PlannedAsset[];
}

export interface PlannedAsset {
  component: 'bars' | 'emas' | 'indicators';
  id: number;
  symbol: string | null;
  /** none: up to date. */
  action: 'none' | 'append' | 'repair' | 'rebuild' | 'skip';
  reason: string;
}
