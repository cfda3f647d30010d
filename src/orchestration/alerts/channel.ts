/** What a way to send alerts is. */
import type { AlertMessage } from './message.js';

/** What one attempt to send came to. */
export type Attempt =
  | { isDelivered: true }
  | { isDelivered: false; why: string; isFinal: boolean; askedPauseMs: number | null };

/** Where a message goes, by a POST or by a way of its own. */
export type Channel = HttpChannel | OwnChannel;

export interface OwnChannel {
  name: string;
  /** Throws nothing; ends when the signal is aborted. */
  send(message: AlertMessage, signal: AbortSignal): Promise<Attempt>;
}

export interface HttpChannel {
  name: string;
  /** Holds a secret: it appears in no error. */
  url: string;
  headers: Record<string, string>;
  bodyOf(message: AlertMessage): unknown;
}
