/** The story of one asset as a value: what the terminal and --json of explain show. */
import type { LatenessState } from '../../domain/calendar/lateness.js';
import type { KeptReason } from '../../domain/prices/price.js';
import type { SplitStanding } from '../../domain/prices/split.js';
import type { FreshnessReason } from '../../domain/validation/freshness.js';
import type { LeaseInfo } from '../../storage/lease/lease.js';

export type Standing = 'active' | 'retired' | 'unregistered';

/** A series that lags; `day` null: not built at all. */
export interface LaggingSeries {
  alignment: string;
  tf: string;
  day: string | null;
}

/** How far bars, EMAs or indicators have come. */
export interface Progress {
  /** Of the slowest; null: something is not built at all. */
  watermark: string | null;
  alignments: {
    alignment: string;
    series: number;
    day: string | null;
    repairFrom: string | null;
    lagging: number;
  }[];
  laggingSeries: number;
  /** The slowest ten of them. */
  lagging: LaggingSeries[];
}

/** Whether EMAs may run, and the reason either way. */
export interface GateOpinion {
  passes: boolean;
  reason: string;
}

/** Everything that explains one asset. Days are 'YYYY-MM-DD', times ISO in UTC. */
export interface Explanation {
  version: 1;
  id: number;
  symbol: string | null;
  name: string | null;
  assetClass: string | null;
  standing: Standing;
  source: {
    relation: string;
    /** Changes come as notes; otherwise every run compares fingerprints. */
    isTracked: boolean;
    rows: number;
    firstTs: string | null;
    newestTs: string | null;
    future: { rows: number; newestTs: string } | null;
  };
  /** Source rows after the watermark, and days from the watermark to the newest source day; null: never read. */
  waitingRows: number;
  lagDays: number | null;
  freshness: {
    reason: FreshnessReason;
    lastSrcTs: string | null;
    stalenessHours: number | null;
    limitHours: number;
  };
  /** When prices are expected, and what of that is missing; null: the asset is not active. */
  calendar: {
    name: string;
    state: LatenessState;
    missingDays: number;
    firstMissing: string | null;
  } | null;
  dailyBars: {
    firstDay: string | null;
    lastDay: string | null;
    bars: number;
    lastRunAt: string | null;
    /** When its source was last compared with what they were made of, and was the same; null: not since it was built. */
    provenAt: string | null;
  } | null;
  /** By day. */
  splits: SplitStanding[];
  /** Days that stay though the source does not prove them any more, by the reason. */
  kept: { reason: KeptReason; days: number; firstDay: string; lastDay: string }[];
  bars: Progress;
  emas: Progress;
  /** Left out: none is active. */
  indicators?: Progress;
  lastRun: {
    run: string;
    command: string;
    startedAt: string;
    status: string;
    exitCode: number | null;
  } | null;
  /** By component: the newest run that did or decided something about the asset. */
  lastWork: {
    component: string;
    run: string;
    command: string;
    startedAt: string;
    status: string;
    action: string;
    reason: string;
    error: string | null;
  }[];
  rejects: {
    counts: { action: string; reason: string; count: number }[];
    newest: { ts: string; action: string; reason: string }[];
  };
  gaps: {
    count: number;
    days: number;
    newest: { firstDay: string; lastDay: string; refusedRows: number; isShared: boolean }[];
  };
  notes: { count: number; newest: { op: string; from: string; to: string; rows: number; filedAt: string }[] };
  /** indicators null: none is active, and no values of removed ones are left. */
  plan: {
    bars: { action: string; reason: string };
    emas: { action: string; reason: string };
    indicators: { action: string; reason: string } | null;
  };
  gate: { alone: GateOpinion; all: GateOpinion };
  lease: LeaseInfo | null;
  /** Failures in a row, by component; `since` null: it is still tried. */
  quarantine: { component: string; failures: number; reason: string; since: string | null }[];
  /** Implausible days that are not accepted, the newest first. */
  findings: { day: string; kind: string; factor: number; text: string }[];
  /** What its prices are in; null: no source has said. */
  quoteCurrency: string | null;
  remedy: Remedy;
}

/** What repairs it: a sentence, and the command to type where there is one. */
export interface Remedy {
  text: string;
  command: string | null;
}
