/** The JSON about one asset, and of what there is to choose from; see api-types.ts. */
import type { Explanation } from '../../orchestration/inspect/explanation.js';

/** GET /api/assets: every asset, ascending by id, as columns. */
export interface AssetListResponse {
  version: 1;
  assets: {
    id: number[];
    symbol: (string | null)[];
    name: (string | null)[];
    isActive: boolean[];
  };
}

/** GET /api/assets/:id */
export interface AssetResponse {
  version: 1;
  id: number;
  symbol: string | null;
  name: string | null;
  isActive: boolean;
  /** Of its 1D bars; null: it has none. */
  firstDay: string | null;
  lastDay: string | null;
  /** What `barwright explain ID --json` prints. */
  explanation: Explanation;
}

/**
 * GET /api/assets/:id/bars?tf=7D[&alignment=multi_tf][&from=DAY][&to=DAY][&asof=DAY][&newest=200]
 * Closed bars that end in the range, and the open bar when it is in the range. `asof`: as of that day's close, so the bar
 * that was open then is the last one, with its values of that day and later corrections in them. `newest`: only so many of
 * the closed bars, the last ones. Without an alignment: the first that has the timeframe.
 */
export interface BarsResponse {
  version: 1;
  id: number;
  alignment: string;
  tf: string;
  asof: string | null;
  /** Whether the last row is a bar that is not closed. */
  isLastOpen: boolean;
  bars: {
    barSeq: number[];
    /** First day of the bar with a row, and its last (of an open bar: so far). Strictly rising. */
    firstDay: string[];
    day: string[];
    open: number[];
    high: number[];
    low: number[];
    close: number[];
    volume: (number | null)[];
    /** Calendar days without a row in it. */
    missingDays: number[];
  };
}

/**
 * GET /api/assets/:id/emas?tf=7D&periods=10,21[&alignment=multi_tf][&from=DAY][&to=DAY][&kind=ema][&previews=all][&newest=200]
 * One row per day; `to` is also the day as of which they are. On a closing day the values are final; on the days between they
 * are previews of what they would be if the open bar closed then. `previews=last`: closing days and the newest day alone.
 * `newest`: from the day on which so many of the last bars begin to close.
 */
export interface EmasResponse {
  version: 1;
  id: number;
  alignment: string;
  tf: string;
  /** Strictly rising: every day on which one of the periods has a value. */
  day: string[];
  /** 1: closing day, 0: preview. */
  isClosing: (0 | 1)[];
  series: {
    period: number;
    /** Daily recursion; null: no value yet. Empty with `kind=ema_bar`. */
    ema: (number | null)[];
    /** Over closes of bars; null: no value yet, always null in v2. Empty with `kind=ema`. */
    emaBar: (number | null)[];
  }[];
}

/**
 * GET /api/assets/:id/indicators?tf=7D&names=rsi_14,bbands_20_2[&alignment=multi_tf][&from=DAY][&to=DAY][&newest=200]
 * Values at closes, one series for each output that has any. Without `to` the last value may be a preview: what it would be
 * if the open bar closed now. `newest` as for EMAs.
 */
export interface IndicatorsResponse {
  version: 1;
  id: number;
  alignment: string;
  tf: string;
  series: {
    /** Of the output, such as macd_12_26_9.signal. */
    name: string;
    /** Of its indicator. */
    indicator: string;
    /** Drawn over the prices. */
    isPrice: boolean;
    /** Strictly rising. */
    day: string[];
    value: number[];
    isLastPreview: boolean;
  }[];
}

/** GET /api/assets/:id/marks[?from=DAY][&to=DAY]: what is to be marked on its days, ascending. */
export interface MarksResponse {
  version: 1;
  id: number;
  /** Stretches of days between the first and the last 1D bar that the asset's calendar expects and that have none. */
  gaps: { firstDay: string; lastDay: string; days: number; refusedRows: number }[];
  /** Days whose fields were repaired, with the reasons ("repaired_high"). */
  repairs: { day: string; reasons: string[] }[];
  /** Days with source rows that were refused, with the reasons ("duplicate_day"). */
  rejects: { day: string; reasons: string[] }[];
}

/** GET /api/timeframes: what there is to choose from, by alignment and length. */
export interface TimeframesResponse {
  version: 1;
  timeframes: {
    alignment: string;
    tf: string;
    /** Nominal length. */
    tfDays: number;
    /** false: v2, which has EMAs only. multi_tf 1D has bars here: the 1D bars. */
    hasBars: boolean;
  }[];
  periods: number[];
  /** Active ones, by name. */
  indicators: string[];
}
