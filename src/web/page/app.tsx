/** The frame around every page: navigation, whether a run is in progress, whether the server answers. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { AssetPage } from './asset/asset-page.jsx';
import { FindAsset } from './find-asset.jsx';
import { FreshnessPage } from './freshness/freshness-page.jsx';
import { NotFound } from './not-found.jsx';
import { PlanPage } from './plan/plan-page.jsx';
import { AlertsPage } from './runs/alerts-page.jsx';
import { RunPage } from './runs/run-page.jsx';
import { RunsPage } from './runs/runs-page.jsx';
import { ScreenerPage } from './screener/screener-page.jsx';
import { asPlainText, formatTime } from './shared/format.js';
import { type Live, LiveContext, useLiveConnection } from './shared/live.js';
import { hrefOf, type Route, useRoute } from './shared/route.js';
import { ThemeButton } from './theme-button.jsx';

/** `depth`: most parts that an address of the place has. */
const PLACES = [
  { part: '', label: 'Freshness', depth: 0 },
  { part: 'runs', label: 'Runs', depth: 2 },
  { part: 'assets', label: 'Assets', depth: 2 },
  { part: 'screener', label: 'Screener', depth: 1 },
  { part: 'plan', label: 'Plan', depth: 1 },
  { part: 'alerts', label: 'Alerts', depth: 1 },
] as const;
type Part = (typeof PLACES)[number]['part'];

/** The whole page. */
export function App(): JSX.Element {
  const route = useRoute();
  const live = useLiveConnection();
  const place = PLACES.find(
    ({ part, depth }) => part === (route.path[0] ?? '') && route.path.length <= depth,
  );
  const main = useRef<HTMLElement>(null);
  const where = route.path.join('/');
  const isFirst = useRef(true);
  // A new place is read from its beginning.
  useEffect(() => {
    // The page of an asset names it itself, once it knows how.
    if (place?.part !== 'assets' || route.path.length === 1)
      document.title = [route.path[1], place?.label ?? 'Not found', 'barwright'].filter(Boolean).join(' · ');
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
        {live.state !== null && <Warehouse {...live.state.warehouse} />}
        <nav aria-label="Pages">
          {PLACES.map(({ part, label }) => (
            <a key={part} href={`/${part}`} aria-current={part === place?.part ? 'page' : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <FindAsset route={route} />
        <Pulse live={live} />
        <ThemeButton />
      </header>
      <Trouble live={live} />
      <main id="content" ref={main} tabIndex={-1}>
        {place === undefined ? <NotFound path={`/${where}`} /> : <Place route={route} part={place.part} />}
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

function Place({ route, part }: { route: Route; part: Part }): JSX.Element {
  const subject = route.path[1];
  switch (part) {
    case 'runs':
      return subject === undefined ? <RunsPage /> : <RunPage key={subject} run={subject} />;
    case 'assets':
      return <AssetPage key={subject} subject={subject ?? null} query={route.query} />;
    case 'screener':
      return <ScreenerPage query={route.query} />;
    case 'alerts':
      return <AlertsPage />;
    case 'plan':
      return <PlanPage query={route.query} />;
    default:
      return <FreshnessPage query={route.query} />;
  }
}

/** As much of it as there is room for; all of it when one points at it. */
function Warehouse({ database, schema }: NonNullable<Live['state']>['warehouse']): JSX.Element {
  const names = [asPlainText(database), asPlainText(schema)];
  return (
    <span class="warehouse" title={names.join(', schema ')}>
      <bdi>{names[0]}</bdi>, schema <bdi>{names[1]}</bdi>
    </span>
  );
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
