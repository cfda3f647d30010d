/** What the parts of a run share. */
import type { ComponentEvent, ComponentName } from '../../domain/planning/outcome.js';
import type { LeaseToken } from '../../storage/lease/lease.js';
import type { Database } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';
import type { Quarantine } from '../selection/quarantine.js';
import type { Mark } from './marks.js';
import type { RefreshReport, RefreshRequest } from './refresh-report.js';

/** What is printed during a run. */
export interface RunListener {
  /** `whole`: the same with lists that are cut in `text`; for a log. */
  say(text: string, whole?: string): void;
  event(component: ComponentName, event: ComponentEvent): void;
}

/** Everything that a stage of a run needs. */
export interface RunScope {
  request: RefreshRequest;
  report: RefreshReport;
  database: Database;
  source: Source;
  /** Timeframes asked for; null = all. */
  tfs: readonly string[] | null;
  lease: LeaseToken;
  /** Left out: the run that this one resumes has rebuilt them. */
  exceptIds: readonly number[];
  quarantine: Quarantine;
  listener: RunListener;
  signal: AbortSignal;
  /** What is written down once the run is recorded. */
  marks: Mark[];
}
