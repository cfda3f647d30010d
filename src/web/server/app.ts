/** What answers requests: the API, the metrics, the page. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { UsageError } from '../../domain/text/errors.js';
import { VERSION } from '../../orchestration/program/version.js';
import { planAssets } from '../../orchestration/run/dry-run.js';
import { readActiveIndicators } from '../../storage/indicators/dimension.js';
import { listSymbols } from '../../storage/runs/comparison.js';
import type { Tx } from '../../storage/session/database.js';
import { readSource, type Source } from '../../storage/source/source.js';
import { readAlerts } from '../answers/alerts.js';
import { readAsset, readAssetList, readChoices } from '../answers/assets.js';
import { answerOf, isDatabaseAway, RefusedError, STATUS_OF } from '../answers/errors.js';
import { readFreshness } from '../answers/freshness.js';
import { healthListOf } from '../answers/health.js';
import { formatMetrics, readMeasured } from '../answers/metrics.js';
import { type Query, readId, readPage, readStart, readTarget } from '../answers/params.js';
import { readRun, readRuns } from '../answers/runs.js';
import type { FreshnessResponse } from '../api/api-freshness-types.js';
import type { HealthResponse, PlannedAsset, PlanResponse } from '../api/api-types.js';
import type { WebContext } from './context.js';
import { bearerOf, checkHost, checkOrigin, demandToken, headers, isSame } from './guards.js';
import { queryOf, reply } from './json.js';
import { liveRoutes } from './live-routes.js';
import { loginRoutes } from './login.js';
import { pageRoutes } from './page-files.js';
import { seriesRoutes } from './series-routes.js';
import { keepSessions } from './sessions.js';

/** Of every request. */
const MOST_BODY_BYTES = 64 * 1024;

/** The whole server, but for its socket. */
export function createApp(context: WebContext): Hono {
  const app = new Hono();
  app.use(headers);
  app.use(checkHost(context.host, context.allowedHosts));
  app.use(limitBody);
  app.use(compress());
  app.onError((error, c) => {
    const answer = answerOf(error);
    return reply(c, answer, STATUS_OF[answer.kind]);
  });
  app.notFound((c) => reply(c, { error: `there is nothing at ${c.req.path}`, kind: 'not_found' }, 404));
  if (context.token !== null && context.isTokenDemanded) {
    const sessions = keepSessions();
    app.route('/', loginRoutes(context.token, sessions));
    app.use(demandToken(context.token, sessions));
  }
  const grid = keepGrid(context);
  app.route('/', apiRoutes(context, grid));
  app.route('/', liveRoutes(context.live));
  app.route('/', startRoutes(context));
  app.get('/metrics', async (c) => {
    const live = await context.live.look();
    const text = await formatMetrics(live, await measure(context, grid), context.labels);
    return c.body(text, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  app.route('/', pageRoutes());
  return app;
}

type Grid = () => Promise<FreshnessResponse>;

const sourceOf = (tx: Tx, { source }: WebContext): Promise<Source> => readSource(tx, source);

/**
 * One look at a time: however many ask during it, they share the one after it. None gets what was read before it
 * asked.
 */
function keepGrid(context: WebContext): Grid {
  const { stalenessHours: limitHours, lateAfter: grace } = context;
  const lookNow: Grid = () =>
    context.read(async (tx) => readFreshness(tx, { source: await sourceOf(tx, context), limitHours, grace }));
  let running: Promise<unknown> | null = null;
  let next: Promise<FreshnessResponse> | null = null;
  const begin = () => {
    const mine = lookNow();
    running = mine;
    const end = () => {
      if (running === mine) running = null;
    };
    mine.then(end, end);
    return mine;
  };
  return () => {
    if (running === null) return begin();
    const follow = () => {
      next = null;
      return begin();
    };
    next ??= running.then(follow, follow);
    return next;
  };
}

async function measure(context: WebContext, grid: Grid) {
  try {
    const freshness = await grid();
    const measured = await context.read(async (tx) =>
      readMeasured(tx, { source: await sourceOf(tx, context), grace: context.lateAfter }),
    );
    return { freshness, measured };
  } catch (error) {
    if (isDatabaseAway(error)) return { freshness: null, measured: null };
    throw error;
  }
}

function apiRoutes(context: WebContext, grid: Grid): Hono {
  const { database, read, source, stalenessHours, lateAfter, live } = context;
  const api = new Hono().basePath('/api');
  api.use(async (c, next) => {
    await next();
    c.header('cache-control', 'no-store');
  });
  api.get('/health', async (c) => {
    const { database: state, now } = await live.look();
    const health: HealthResponse = {
      status: state.isUp ? 'ok' : 'database_away',
      version: VERSION,
      schema: database.schema,
      database: state,
      isRunAllowed: context.starts !== null,
      now,
    };
    return reply(c, health, state.isUp ? 200 : 503);
  });
  api.get('/freshness', async (c) => reply(c, await grid()));
  api.get('/health-of-assets', async (c) => reply(c, healthListOf(await grid())));
  api.get('/runs', async (c) => {
    const page = readPage(queryOf(c));
    return reply(c, await read((tx) => readRuns(tx, page)));
  });
  api.get('/runs/:run', async (c) => reply(c, await read((tx) => readRun(tx, c.req.param('run')))));
  api.get('/alerts', async (c) => reply(c, await read(readAlerts)));
  api.get('/timeframes', async (c) => reply(c, await read(readChoices)));
  api.get('/plan', async (c) => reply(c, await readPlan(context, queryOf(c))));
  api.get('/assets', async (c) => reply(c, await read(readAssetList)));
  api.get('/assets/:id', async (c) => {
    const id = readId(c.req.param('id'));
    await read(async () => {});
    return reply(c, await readAsset(database, { id, source, stalenessHours, lateAfter }));
  });
  api.route('/', seriesRoutes({ ...context, grid }));
  return api;
}

async function readPlan(
  { database, read, source, stalenessHours, lateAfter }: WebContext,
  query: Query,
): Promise<PlanResponse> {
  const { target, ids } = readTarget(query);
  await read(async () => {});
  const plan = await planAssets(database, {
    bars: target === 'all' || target === 'bars',
    emas: target === 'all' || target === 'emas',
    ...(target === 'indicators' && { indicators: true }),
    ids,
    source,
    schema: database.schema,
    stalenessHours,
    ...(lateAfter !== undefined && { lateAfter }),
  });
  const symbols = await read((tx) => listSymbols(tx, [...new Set(plan.map(({ id }) => id))]));
  return {
    version: 1,
    target,
    hasIndicators: (await read(readActiveIndicators)).length > 0,
    plan: plan.map(({ component, id, action, reason }) => ({
      component: component as PlannedAsset['component'],
      id,
      symbol: symbols.get(id) ?? null,
      action,
      reason,
    })),
  };
}

const limitBody = bodyLimit({
  maxSize: MOST_BODY_BYTES,
  onError: () => {
    throw new UsageError(`a body of at most ${MOST_BODY_BYTES} bytes was expected`);
  },
});

/** Nothing a page of another origin could send: a token that no browser adds by itself, JSON, and our own origin. */
function startRoutes({ starts, token, live }: WebContext): Hono {
  const app = new Hono();
  app.post('/api/runs', checkOrigin, async (c) => {
    if (starts === null || token === null)
      throw new RefusedError('forbidden', 'this server starts nothing: begin it with --allow-run');
    const bearer = bearerOf(c.req.header('authorization'));
    if (bearer === null || !isSame(bearer, token))
      throw new RefusedError(
        'unauthorized',
        'the token that the server printed is wanted, as Authorization: Bearer',
      );
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
      throw new RefusedError('forbidden', 'a body of application/json was expected');
    const asked = readStart(await c.req.json().catch(() => null));
    const { run } = await live.look();
    if (run !== null && !run.isSilent)
      throw new RefusedError(
        'conflict',
        `a run is in progress: ${run.command}, process ${run.pid} on ${run.host}`,
      );
    return reply(c, await starts.start(asked), 202);
  });
  return app;
}
