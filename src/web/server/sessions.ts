/** Logins, kept by the server: a cookie that is copied ends when its login ends, whatever a browser does with it. */
import { createHash, randomBytes } from 'node:crypto';

/** How long a login lasts, in seconds. */
export const SESSION_SECONDS = 12 * 3600;
/** With more logins than this the oldest one ends. */
const MOST_SESSIONS = 1_000;

export interface Sessions {
  /** Begins a login; returns the value of its cookie. */
  open(): string;
  /** Whether this is the cookie of a login that has not ended. */
  isOpen(cookie: string): boolean;
  /** Ends the login of this cookie, if there is one. */
  end(cookie: string): void;
}

/**
 * Logins of one server; they end with its process. `readMs`: a clock in milliseconds that is never set back.
 * Cookies are kept as hashes, so comparing them takes a time that says nothing about them.
 */
export function keepSessions(readMs: () => number = () => performance.now()): Sessions {
  /** When each ends, the oldest first: all last equally long. */
  const ends = new Map<string, number>();
  const keyOf = (cookie: string) => createHash('sha256').update(cookie).digest('base64');
  const forgetEnded = () => {
    for (const [key, endMs] of ends) {
      if (endMs > readMs() && ends.size <= MOST_SESSIONS) return;
      ends.delete(key);
    }
  };
  return {
    open() {
      const cookie = randomBytes(32).toString('base64url');
      ends.set(keyOf(cookie), readMs() + SESSION_SECONDS * 1000);
      forgetEnded();
      return cookie;
    },
    isOpen: (cookie) => (ends.get(keyOf(cookie)) ?? Number.NEGATIVE_INFINITY) > readMs(),
    end(cookie) {
      ends.delete(keyOf(cookie));
    },
  };
}
