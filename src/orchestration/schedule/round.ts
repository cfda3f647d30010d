/** One round: ingest, refresh with validation and alerts, verify, then check. */
import { runStep, type StepCommand, type StepEnd } from './step.js';

/** A step, how it ended, and what to alert about. */
export interface StepResult {
  /** "ingest", "ingest kraken:BTC/USD:1", "refresh", "check". */
  step: string;
  end: StepEnd;
  /** What to alert about; null when the step is good or has sent its own alert. */
  trouble: string | null;
}

export interface RoundResult {
  dueAt: string;
  startedAt: string;
  durationSec: number;
  steps: StepResult[];
  isInterrupted: boolean;
  /** Every step that is asked for has ended with 0. */
  isGood: boolean;
}

export interface RoundPlan {
  /** In their order, the check last. */
  steps: readonly { step: string; command: StepCommand }[];
  /** Of the round as a whole. */
  timeoutMs: number;
}

/** The check answers in seconds, also where no time is left for anything else. */
const CHECK_TIMEOUT_MS = 120_000;

/**
 * Runs the steps one after the other. A failed ingest does not keep the refresh away: what is in the database is worth
 * it. An interrupt ends the running step, and no other one is started. The check is asked whatever the refresh came to.
 */
export async function runRound(
  plan: RoundPlan,
  due: Date,
  options: { write: (text: string) => void; interrupt: AbortSignal },
): Promise<RoundResult> {
  const started = new Date();
  const startedMs = performance.now();
  const deadlineMs = startedMs + plan.timeoutMs;
  const steps: StepResult[] = [];
  for (const { step, command } of plan.steps) {
    if (options.interrupt.aborted) break;
    // Where a step before it was ended, there is nothing to be proven of its work.
    if (step === 'verify' && performance.now() >= deadlineMs) continue;
    const leftMs = step === 'check' ? CHECK_TIMEOUT_MS : Math.max(1, deadlineMs - performance.now());
    const end = await runStep(command, options.write, { timeoutMs: leftMs, interrupt: options.interrupt });
    steps.push({ step, end, trouble: options.interrupt.aborted ? null : findTrouble(step, end, plan) });
  }
  return {
    dueAt: due.toISOString(),
    startedAt: started.toISOString(),
    durationSec: (performance.now() - startedMs) / 1000,
    steps,
    isInterrupted: options.interrupt.aborted,
    isGood: !options.interrupt.aborted && steps.every(({ end }) => end.exitCode === 0),
  };
}

/** A refresh sends its own alerts, but none when it was killed. */
function findTrouble(step: string, end: StepEnd, { timeoutMs }: RoundPlan): string | null {
  if (end.isLate) return `${step} was ended: the round took longer than ${timeoutMs / 1000} s`;
  if (end.signal !== null) return `${step} was ended by signal ${end.signal}`;
  if (end.exitCode === 0 || step === 'refresh') return null;
  return `${step}: ${end.lastLine ?? `exit code ${end.exitCode}`}`;
}
