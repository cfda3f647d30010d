import type { Options, SingleBar } from 'cli-progress';
import type { AssetOutcome, ComponentEvent, ComponentName } from '../../domain/planning/outcome.js';
import type { RunListener } from '../../orchestration/report/run-scope.js';
import type { Talk } from './messages.js';

export interface Progress extends RunListener {
  close(): void;
}

const TAGS = { ok: '[OK]', failed: '[FAILED]', skipped: '[SKIPPED]' } as const;

/** A line per asset (per series with `isVerbose`); on a terminal a bar below them with rate and time left. */
export async function createProgress(talk: Talk, isVerbose: boolean): Promise<Progress> {
  // Nobody who is not at a terminal waits for it to be loaded.
  const Bar = talk.stream.isTTY ? (await import('cli-progress')).SingleBar : null;
  let bar: SingleBar | null = null;
  const close = () => {
    bar?.stop();
    bar = null;
  };
  const say = (text: string) => {
    // A finished bar line must not be written over: the bar is taken away and drawn again below the line.
    if (bar !== null) talk.stream.write('\r\x1b[K');
    talk.say(text);
    bar?.updateETA();
  };
  return {
    close,
    say,
    event(component, event) {
      if (event.type === 'started' && Bar !== null)
        bar = startBar(new Bar(barOptions(component, talk.stream)), event.assets);
      if (event.type === 'asset_finished') bar?.increment();
      const line = formatEventLine(component, event, isVerbose);
      if (line !== null) say(line);
      if (event.type === 'finished' || event.type === 'failed') close();
    },
  };
}

function barOptions(component: ComponentName, stream: NodeJS.WriteStream): Options {
  return {
    format: `${component} {bar} {value}/{total} assets, {duration_formatted}, {eta_formatted} left`,
    barCompleteChar: '#',
    barIncompleteChar: '-',
    stream,
    hideCursor: true,
    clearOnComplete: true,
  };
}

function startBar(bar: SingleBar, total: number): SingleBar {
  bar.start(total, 0);
  return bar;
}

function formatEventLine(component: ComponentName, event: ComponentEvent, isVerbose: boolean): string | null {
  switch (event.type) {
    case 'asset_finished':
      return formatOutcomeLine(component, event.outcome);
    case 'message':
      return `[${event.level.toUpperCase()}] ${component}: ${event.text}`;
    case 'series':
      return isVerbose
        ? `    ${component} ${event.id} ${event.alignment} ${event.tf}: ${event.rows} rows`
        : null;
    default:
      return null;
  }
}

function formatOutcomeLine(component: ComponentName, outcome: AssetOutcome): string {
  const rows = outcome.status === 'ok' ? `, ${outcome.rowsWritten} rows` : '';
  return `${TAGS[outcome.status]} ${component} ${outcome.id}: ${outcome.reason}${rows}`;
}
