/** One message to one channel, with bounds on everything. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, Channel, HttpChannel } from './channel.js';
import { type AlertMessage, plainLine } from './message.js';

export interface DeliveryLimits {
  attempts: number;
  /** One request, its answer included. */
  requestMs: number;
  /** First pause between two attempts; it doubles. */
  pauseMs: number;
  /** The longest pause that a server may ask for. */
  longestPauseMs: number;
  /** Everything together. */
  totalMs: number;
}

export const DELIVERY_LIMITS: DeliveryLimits = {
  attempts: 3,
  requestMs: 8_000,
  pauseMs: 1_000,
  longestPauseMs: 20_000,
  totalMs: 45_000,
};

const MAX_ANSWER_BYTES = 4_096;

/** Waits, or ends early when the signal comes. */
export type Pause = (pauseMs: number, signal: AbortSignal) => Promise<unknown>;

const pauseForReal: Pause = (pauseMs, signal) => sleep(pauseMs, undefined, { signal });

/**
 * Sends a message; null when it was taken, else why not, without the address. No answer, a broken connection, 429 and
 * 5xx are tried again (a message may then arrive twice, which is better than never).
 */
export async function deliver(
  channel: Channel,
  message: AlertMessage,
  options: { limits?: DeliveryLimits; interrupt?: AbortSignal; pause?: Pause } = {},
): Promise<string | null> {
  const { limits = DELIVERY_LIMITS, pause = pauseForReal } = options;
  const deadlineMs = performance.now() + limits.totalMs;
  const signals = options.interrupt === undefined ? [] : [options.interrupt];
  for (let attempt = 1; ; attempt++) {
    const result = await attemptOf(channel, message, { requestMs: limits.requestMs, signals });
    if (result.isDelivered) return null;
    const tried = attempt === 1 ? '' : ` (tried ${attempt} times)`;
    const why = `${channel.name} did not take the alert: ${result.why}${tried}`;
    if (result.isFinal || attempt >= limits.attempts || options.interrupt?.aborted) return why;
    const pauseMs = result.askedPauseMs ?? limits.pauseMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
    if (pauseMs > limits.longestPauseMs || performance.now() + pauseMs > deadlineMs) return why;
    await pause(pauseMs, AbortSignal.any(signals)).catch(() => {});
  }
}

/** A way of its own has bounds of its own beside the total. */
function attemptOf(
  channel: Channel,
  message: AlertMessage,
  { requestMs, signals }: { requestMs: number; signals: AbortSignal[] },
): Promise<Attempt> {
  if ('send' in channel)
    return channel.send(message, AbortSignal.any([AbortSignal.timeout(DELIVERY_LIMITS.totalMs), ...signals]));
  return post(channel, message, [AbortSignal.timeout(requestMs), ...signals]);
}

async function post(channel: HttpChannel, message: AlertMessage, signals: AbortSignal[]): Promise<Attempt> {
  try {
    const response = await fetch(channel.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...channel.headers },
      body: JSON.stringify(channel.bodyOf(message)),
      // A POST that is redirected becomes a GET: then nothing was sent, and the answer looks good.
      redirect: 'manual',
      signal: AbortSignal.any(signals),
    });
    const answer = await readAnswer(response);
    return response.ok ? { isDelivered: true } : refused(response, answer);
  } catch (error) {
    return { isDelivered: false, why: describeNetworkError(error), isFinal: false, askedPauseMs: null };
  }
}

async function readAnswer(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER_BYTES) break;
  }
  return text;
}

function refused({ status, headers }: Response, answer: string): Attempt {
  const telegram = parseTelegram(answer);
  const words = telegram.description ?? (answer === '' ? '' : plainLine(answer).slice(0, 200));
  return {
    isDelivered: false,
    why: `it answered ${status}${words === '' ? '' : `, ${words}`}`,
    isFinal: status !== 429 && status < 500,
    askedPauseMs: pauseOf(headers.get('retry-after')) ?? telegram.pauseMs,
  };
}

/** Telegram explains itself in JSON; whatever else answers may say what it likes. */
function parseTelegram(answer: string): { description: string | null; pauseMs: number | null } {
  try {
    const { description, parameters } = JSON.parse(answer) as {
      description?: unknown;
      parameters?: { retry_after?: unknown };
    };
    const seconds = parameters?.retry_after;
    return {
      description: typeof description === 'string' ? plainLine(description) : null,
      pauseMs: typeof seconds === 'number' && seconds >= 0 ? seconds * 1000 : null,
    };
  } catch {
    return { description: null, pauseMs: null };
  }
}

/** Retry-After in seconds, or as a date. */
function pauseOf(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}

/** fetch says "fetch failed" and keeps the reason as cause; a message of its own may hold the address. */
function describeNetworkError(error: unknown): string {
  if (!(error instanceof Error)) return 'it could not be reached';
  if (error.name === 'TimeoutError') return 'it gave no answer in time';
  if (error.name === 'AbortError') return 'sending was interrupted';
  const { code } = (error.cause ?? error) as { code?: unknown };
  return typeof code === 'string' ? `it could not be reached (${code})` : 'it could not be reached';
}
