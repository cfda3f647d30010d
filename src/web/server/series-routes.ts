/** Prices, EMAs and indicators: of one asset, and the newest ones of all. */
import { Hono } from 'hono';
import { expectationsOf } from '../../domain/source/description.js';
import { readBars, readEmas, readIndicators, readMarks } from '../answers/assets.js';
import { healthListOf } from '../answers/health.js';
import { readEmaChoice, readId, readNameList, readRange, readSeries } from '../answers/params.js';
import { readScreener, readScreenerCsv } from '../answers/screener/screener.js';
import { readScreenView } from '../answers/screener/view.js';
import type { FreshnessResponse } from '../api/api-freshness-types.js';
import type { WebContext } from './context.js';
import { hideSecrets, queryOf, reply } from './json.js';

interface SeriesContext extends Pick<WebContext, 'read' | 'source'> {
  /** The freshness grid of now. */
  grid(): Promise<FreshnessResponse>;
}

/** Below /api. */
export function seriesRoutes({ read, source, grid }: SeriesContext): Hono {
  const api = new Hono();
  api.get('/assets/:id/bars', async (c) => {
    const series = readSeries(readId(c.req.param('id')), queryOf(c));
    return reply(c, await read((tx) => readBars(tx, series)));
  });
  api.get('/assets/:id/emas', async (c) => {
    const series = readSeries(readId(c.req.param('id')), queryOf(c));
    const choice = readEmaChoice(queryOf(c));
    return reply(c, await read((tx) => readEmas(tx, { ...series, ...choice })));
  });
  api.get('/assets/:id/indicators', async (c) => {
    const series = readSeries(readId(c.req.param('id')), queryOf(c));
    const names = readNameList(queryOf(c)('names'));
    return reply(c, await read((tx) => readIndicators(tx, { ...series, names })));
  });
  api.get('/assets/:id/marks', async (c) => {
    const id = readId(c.req.param('id'));
    const range = readRange(queryOf(c));
    const expectations = expectationsOf(source);
    return reply(c, await read((tx) => readMarks(tx, { id, ...range, expectations })));
  });
  api.get('/screener', async (c) => {
    const view = readScreenView(queryOf(c));
    const health = view.hasHealth ? healthListOf(await grid()) : null;
    return reply(c, await read((tx) => readScreener(tx, { view, health })));
  });
  api.get('/screener.csv', async (c) => {
    const view = readScreenView(queryOf(c));
    const health = healthListOf(await grid());
    const text = await read((tx) => readScreenerCsv(tx, { view, health }, hideSecrets));
    const disposition = `attachment; filename="screener-${view.tf}.csv"`;
    return c.body(text, 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': disposition,
    });
  });
  return api;
}
