/** The frame around every page: navigation, whether a run is in progress, whether the server answers. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { AssetPage } from './asset/asset-page.jsx';
import { FreshnessPage } from './freshness/freshness-page.jsx';
import { PlanPage } from './plan/plan-page.jsx';
import { RunPage } from './runs/run-page.jsx';
import { RunsPage } from './runs/runs-page.jsx';
import { asPlainText, formatTime } from './shared/format.js';
import { type Live, LiveContext, useLiveConnection } from './shared/live.js';
import { hrefOf, type Route, useRoute } from './shared/route.js';

const PLACES = [
  { part: '', label: 'Freshness' },
  { part: 'runs', label: 'Runs' },
  { part: 'assets', label: 'Assets' },
  { part: 'plan', label: 'Plan' },
] as const;

/** The whole page. */
export function App(): JSX.Element {
  const route = useRoute();
  const live = useLiveConnection();
  const place = PLACES.find(({ part }) => part === (route.path[0] ?? '')) ?? PLACES[0];
  const main = useRef<HTMLElement>(null);
  const where = route.path.join('/');
  const isFirst = useRef(true);
  // A new place is read from its beginning.
  useEffect(() => {
    document.title = [route.path[1], place.label, 'barwright'].filter(Boolean).join(' · ');
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [where]);
  return (
    <LiveContext.Provider value={live}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="frame">
        <span class="brand">barwright</span>
        {live.state !== null && (
          <span class="warehouse">
            <bdi>{asPlainText(live.state.warehouse.database)}</bdi>, schema{' '}
            <bdi>{asPlainText(live.state.warehouse.schema)}</bdi>
          </span>
        )}
        <nav aria-label="Pages">
          {PLACES.map(({ part, label }) => (
            <a key={part} href={`/${part}`} aria-current={part === place.part ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <Pulse live={live} />
      </header>
      <Trouble live={live} />
      <main id="content" ref={main} tabIndex={-1}>
        <Place route={route} part={place.part} />
      </main>
      <footer>
        All times and days are UTC. Charts:{' '}
        <a href="https://www.tradingview.com/" rel="noreferrer noopener">
          TradingView Lightweight Charts
        </a>
        , © TradingView, Inc.
      </footer>
    </LiveContext.Provider>
  );
}

function Place({ route, part }: { route: Route; part: (typeof PLACES)[number]['part'] }): JSX.Element {
  const subject = route.path[1];
  switch (part) {
    case 'runs':
      return subject === undefined ? <RunsPage /> : <RunPage key={subject} run={subject} />;
    case 'assets':
      return <AssetPage key={subject} subject={subject ?? null} query={route.query} />;
    case 'plan':
      return <PlanPage query={route.query} />;
    default:
      return <FreshnessPage query={route.query} />;
  }
}

function Pulse({ live: { state } }: { live: Live }): JSX.Element {
  const run = state?.run;
  if (run) {
    const stage = run.stages.find(({ isRunning }) => isRunning);
    const progress = stage === undefined ? '' : ` ${stage.component} ${stage.done} of ${stage.total}`;
    return (
      <a class="pulse is-running" href={hrefOf(['runs', run.run])}>
        {run.isSilent ? 'a run is silent' : `running:${progress || ` ${run.command}`}`}
      </a>
    );
  }
  return <span class="pulse">{state === null ? '' : 'no run in progress'}</span>;
}

/** What does not answer; a live region, so that screen readers say it. */
function Trouble({ live: { state, isLost } }: { live: Live }): JSX.Element {
  let text = '';
  if (isLost) text = 'barwright serve does not answer. What is shown may be old; trying again.';
  else if (state !== null && !state.database.isUp)
    text = `The database is away since ${formatTime(state.database.since)}: ${state.database.error ?? 'it does not answer'}. What is shown may be old; trying again.`;
  return (
    <div class="trouble" role="status">
      {text}
    </div>
  );
}
