/** One round: ingest, refresh with validation and alerts, then the dead-man's question. */
import { runStep, type StepCommand, type StepEnd } from './step.js';

export const STEP_NAMES = ['ingest', 'refresh', 'check'] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** A step with how it ended and what is to be told of it; null where it was not started. */
export interface StepResult {
  step: StepName;
  end: StepEnd;
  /** Why somebody should look; null when it is good, or has told of itself. */
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
  /** By step; ingest only where there is something to ingest. */
  commands: Readonly<Partial<Record<StepName, StepCommand>>>;
  /** Of the round as a whole. */
  timeoutMs: number;
}

/** The check answers in seconds, also where no time is left for anything else. */
const CHECK_TIMEOUT_MS = 120_000;

/**
 * Runs the steps one after the other. A failed ingest does not keep the refresh away: what is in the database is worth
 * it. An interrupt ends the step in hand, and no other one is started. The check is asked whatever the refresh came to.
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
  for (const step of STEP_NAMES) {
    const command = plan.commands[step];
    if (command === undefined || options.interrupt.aborted) continue;
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

/** A refresh tells of its failures itself; what it cannot tell is that it was ended. */
function findTrouble(step: StepName, end: StepEnd, { timeoutMs }: RoundPlan): string | null {
  if (end.isLate) return `${step} was ended: the round took longer than ${timeoutMs / 1000} s`;
  if (end.signal !== null) return `${step} was ended by signal ${end.signal}`;
  if (end.exitCode === 0 || step === 'refresh') return null;
  return `${step}: ${end.lastLine ?? `exit code ${end.exitCode}`}`;
}
