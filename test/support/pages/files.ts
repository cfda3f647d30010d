/** Files of prices that pages name, each as its command line describes it. */

const DAYS = ['04', '05', '06'];
const rows = (cells: (day: string) => string) => DAYS.map(cells).join('\n');

export const USUAL = `Date,Open,High,Low,Close,Volume\n${rows((day) => `2025-03-${day},9,12,8,10,1000`)}\n`;
export const GERMAN = `Datum,Anfang,Hoch,Tief,Ende\n${rows((day) => `2025-03-${day},9,12,8,10`)}\n`;
/** Day, high, low, open, close, without a header. */
export const BARE = `${rows((day) => `2025-03-${day},12,8,9,10`)}\n`;
/** The day first, and a comma before decimals. */
export const COMMAS = `Date;Open;High;Low;Close\n${rows((day) => `${day}/03/2025;9,5;12,5;8,5;10,5`)}\n`;
/** Instants, and a close that is adjusted. */
export const INSTANTS = `Date,Open,High,Low,Close,Adj Close,Volume\n${rows((day) => `2025-03-${day}T05:00:00Z,9,12,8,10,5,1000`)}\n`;
/** Names its asset. */
export const NAMED = `Name,Symbol,Date,Open,High,Low,Close,Volume\n${rows((day) => `Bitcoin,BTC,2025-03-${day},9,12,8,10,1000`)}\n`;
