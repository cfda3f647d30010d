/** When did runs run, and how long? A line for each day, from midnight to midnight UTC. */
import type { JSX } from 'preact';
import type { RunSummary } from '../../api/api-types.js';
import { asPlainText, formatSeconds, formatTime } from '../shared/format.js';
import { hrefOf } from '../shared/route.js';

const DAY_MS = 86_400_000;
const HOURS = [0, 6, 12, 18];
const HOURS_PER_DAY = 24;
const PERCENT = 100;
const MOST_DAYS = 14;

/** A part of a run that lies in one day. */
interface Stretch {
  run: RunSummary;
  /** Shares of the day, in %. */
  left: number;
  width: number;
}

/** The newest days with runs, the newest first; each bar leads to its run. `nowMs`: where a run in progress ends. */
export function Timeline({
  runs,
  nowMs,
}: {
  runs: readonly RunSummary[];
  nowMs: number;
}): JSX.Element | null {
  const days = [...daysOf(runs, nowMs)].sort(([a], [b]) => b - a).slice(0, MOST_DAYS);
  if (days.length === 0) return null;
  return (
    <section class="timeline" aria-label="Timeline of runs">
      {days.map(([day, stretches]) => (
        <div key={day} class="timeline-day">
          <time dateTime={dayText(day)}>{dayText(day)}</time>
          <div class="timeline-track">
            {stretches.map(({ run, left, width }) => (
              <a
                key={run.run}
                class={`timeline-run is-${run.status}`}
                style={{ left: `${left}%`, width: `${width}%` }}
                href={hrefOf(['runs', run.run])}
                title={wordsOf(run)}
              >
                <span class="hidden">{wordsOf(run)}</span>
              </a>
            ))}
          </div>
        </div>
      ))}
      <div class="timeline-day quiet" aria-hidden="true">
        <span>UTC</span>
        <div class="timeline-track is-scale">
          {HOURS.map((hour) => (
            <span key={hour} class="timeline-hour" style={{ left: `${(PERCENT * hour) / HOURS_PER_DAY}%` }}>
              {String(hour).padStart(2, '0')}:00
            </span>
          ))}
        </div>
      </div>
    </section>
  );
}

function daysOf(runs: readonly RunSummary[], nowMs: number): Map<number, Stretch[]> {
  const days = new Map<number, Stretch[]>();
  for (const run of runs) {
    const from = Date.parse(run.startedAt);
    const until = run.finishedAt === null ? Math.max(from, nowMs) : Date.parse(run.finishedAt);
    // A run that died long ago has no end: it is shown on its first day.
    const to = run.finishedAt === null && run.status !== 'running' ? from : until;
    const first = Math.floor(from / DAY_MS);
    const last = Math.min(Math.floor(to / DAY_MS), first + MOST_DAYS);
    for (let day = first; day <= last; day += 1) {
      const [begin, end] = [Math.max(from, day * DAY_MS), Math.min(to, (day + 1) * DAY_MS)];
      const left = (PERCENT * (begin - day * DAY_MS)) / DAY_MS;
      const width = (PERCENT * (end - begin)) / DAY_MS;
      days.set(day, [...(days.get(day) ?? []), { run, left, width }]);
    }
  }
  return days;
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function wordsOf({ status, command, startedAt, durationSec }: RunSummary): string {
  const took = durationSec === null ? '' : `, ${formatSeconds(durationSec)}`;
  return `${status}: ${asPlainText(command)}, ${formatTime(startedAt)}${took}`;
}
