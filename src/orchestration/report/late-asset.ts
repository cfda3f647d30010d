/** An asset that is late at its source, or that has just been seen to have ceased. Days are 'YYYY-MM-DD'. */
export interface LateAsset {
  id: number;
  symbol: string | null;
  state: 'late' | 'ceased';
  calendar: string;
  /** Newest day with a price, and the first expected one that is missing. */
  newestDay: string | null;
  firstMissing: string | null;
  missingDays: number;
  /** Newest day whose row came and was refused; null: no row came. */
  refusedDay: string | null;
}
