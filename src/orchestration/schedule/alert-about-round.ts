/** Alerts of a schedule: about steps that could not send their own, and that all is well. */
import { hostname } from 'node:os';
import { findChannels } from '../alerts/channels.js';
import { REPEAT_MS } from '../alerts/decide.js';
import { deliver } from '../alerts/deliver.js';
import { type AlertMessage, plainLine } from '../alerts/message.js';
import { createHide, hideIn } from '../program/secrets.js';
import { VERSION } from '../program/version.js';
import type { RoundResult } from './round.js';

const PING_TIMEOUT_MS = 20_000;

interface OpenTrouble {
  words: string;
  sentMs: number | null;
}

/** Remembers what was sent: one trouble is one message in twelve hours, and one more when it is over. */
export class ScheduleAlerts {
  /** By step. */
  readonly #open = new Map<string, OpenTrouble>();
  readonly #command: string | undefined;

  /** `command`: of --alert-exec. */
  constructor(command?: string) {
    this.#command = command;
  }

  /** Sends an alert about a round where there is a reason. Returns what went wrong with sending, as sentences. */
  async alert(round: RoundResult, nowMs: number, interrupt: AbortSignal): Promise<string[]> {
    if (round.isInterrupted) return [];
    const { channels } = findChannels(process.env, this.#command);
    const due: string[] = [];
    const ended: string[] = [];
    for (const { step, trouble } of round.steps) {
      const open = this.#open.get(step);
      if (trouble === null) {
        if (open?.sentMs != null) ended.push(open.words);
        this.#open.delete(step);
      } else {
        const sentMs = open?.sentMs ?? null;
        if (sentMs === null || nowMs - sentMs >= REPEAT_MS) due.push(step);
        this.#open.set(step, { words: trouble, sentMs });
      }
    }
    if (channels.length === 0 || due.length + ended.length === 0) return [];
    const words = due.flatMap((step) => this.#open.get(step)?.words ?? []);
    const message = hideIn(composeMessage(round, words, ended), createHide()) as AlertMessage;
    const refusals = await Promise.all(channels.map((channel) => deliver(channel, message, { interrupt })));
    if (refusals.includes(null))
      for (const [step, open] of this.#open) if (due.includes(step)) open.sentMs = nowMs;
    return refusals.filter((refusal) => refusal !== null);
  }
}

function composeMessage(round: RoundResult, due: readonly string[], ended: readonly string[]): AlertMessage {
  const what = due.length > 0 ? 'FAILED' : 'RECOVERED';
  const host = hostname();
  const lines = [
    `barwright ${what}: schedule on ${host}`,
    ...due.map((words) => `- ${words}`),
    ...(ended.length > 0 ? ['Ended:'] : []),
    ...ended.map((words) => `- ${words}`),
    `The round was due at ${round.dueAt} and took ${round.durationSec.toFixed(0)} s`,
  ];
  const { dueAt, durationSec } = round;
  const facts = { command: 'schedule', what, host, version: VERSION, dueAt, durationSec, due, ended };
  return { text: lines.map(plainLine).join('\n'), facts };
}

/**
 * Sends the watcher of BARWRIGHT_PING_URL a sign that all is well; it raises the alarm when none comes. Returns why that
 * failed, without the address, which is a secret; null when it was sent or no watcher is set.
 */
export async function pingWatcher(interrupt: AbortSignal): Promise<string | null> {
  const url = process.env.BARWRIGHT_PING_URL?.trim() ?? '';
  if (url === '') return null;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return 'BARWRIGHT_PING_URL is no http or https URL';
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(PING_TIMEOUT_MS), interrupt]);
    const response = await fetch(url, { signal });
    await response.body?.cancel();
    return response.ok ? null : `the watcher of BARWRIGHT_PING_URL answered ${response.status}`;
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
    const why = typeof code === 'string' ? code : (error as Error).name;
    return `the watcher of BARWRIGHT_PING_URL could not be reached (${why})`;
  }
}
