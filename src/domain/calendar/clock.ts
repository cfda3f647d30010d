/** How far two clocks are apart, when one of them answers a question of the other's. */

/** More than this is reported: freshness and as-of times go by the database's clock, logs and alerts by the client's. */
const MOST_CLOCK_SECONDS = 5;

/** The answer of a server to "what time is it?", with the client's clock before and after. */
export interface ClockReading {
  sentMs: number;
  receivedMs: number;
  serverMs: number;
}

export interface ClockDifference {
  /** Server − client; above 0: the server's clock is ahead. */
  seconds: number;
  /** By how much that may be wrong: half of the round trip. */
  uncertaintySeconds: number;
}

/** The server looked at its clock at some moment of the round trip, so the middle is wrong by half of it at most. */
export function clockDifference({ sentMs, receivedMs, serverMs }: ClockReading): ClockDifference {
  return {
    seconds: (serverMs - (sentMs + receivedMs) / 2) / 1000,
    uncertaintySeconds: Math.abs(receivedMs - sentMs) / 2000,
  };
}

/** What a person must know of it; null: the clocks agree, or the answer took too long to say that they do not. */
export function warningOfClock({ seconds, uncertaintySeconds }: ClockDifference): string | null {
  if (Math.abs(seconds) - uncertaintySeconds <= MOST_CLOCK_SECONDS) return null;
  const way = seconds > 0 ? 'behind' : 'ahead of';
  return (
    `the clock of this machine is ${Math.abs(seconds).toFixed(1)} s ${way} the database's: ` +
    'set it right (NTP); freshness goes by the database, logs by this machine'
  );
}
