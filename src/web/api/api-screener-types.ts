/** The JSON of the screener; see api-types.ts. */

/**
 * GET /api/screener[?tf=7D][&alignment=multi_tf][&periods=21,50,200][&kind=ema][&indicators=rsi_14][&search=TEXT]
 * [&health=bad,watch][&order=up][&crossed=10][&where=rsi_14<30,change>0][&sort=COLUMN][&down=1][&limit=100]: the newest
 * values of one series of all active assets. /api/screener.csv takes the same, and gives all rows, always with their
 * health.
 */
export interface ScreenerResponse {
  version: 1;
  alignment: string;
  tf: string;
  /** Active assets, and those of them that are as asked for. */
  total: number;
  count: number;
  /** One element for each row; at most `limit` rows. */
  columns: ScreenerColumn[];
}

/**
 * - id, symbol, name
 * - health, health_why: as in /api/health-of-assets; with `health`, such as health=any, or sort=health
 * - day: newest day in the values
 * - close: of the newest bar, which may be open; change: against the close before, in %
 * - ema_21 (with kind=ema_bar: ema_bar_21): value of the EMA; distance_21: of the close from it, in %
 * - order: "up" when each EMA is above that of the next longer period, "down" when each is below, else "mixed"
 * - crossed: bars since the first EMA crossed the second (of one EMA: since the close crossed it), 0 in the newest bar;
 *   crossed_to: "up" or "down"
 * - rsi_14 and the like: outputs of indicators
 */
export interface ScreenerColumn {
  name: string;
  values: (string | number | null)[];
}
