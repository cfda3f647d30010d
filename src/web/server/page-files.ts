/** The built page: one HTML file for every route of it, and the files that it names. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import { PAGE_FOLDER } from '../../storage/places.js';
import { firstAddresses } from '../api/asset-address.js';

const ONE_ASSET = '/assets/:id';
/** Routes that the page itself distinguishes. */
const ROUTES = ['/', '/runs', '/runs/:run', '/assets', ONE_ASSET, '/plan', '/screener', '/alerts'];
const MISSING =
  'The page is not built: "npm run build" makes it. The API answers all the same, see docs/reference/http-api.md.\n';

/** Names of built files hold a hash of what is in them, so they never change. */
export function pageRoutes(): Hono {
  const app = new Hono();
  for (const route of ROUTES)
    app.get(route, async (c, next) => {
      // A file of the page, such as /assets/index-1a2b3c.js.
      if (/\.[a-z0-9]{1,16}$/.test(c.req.path)) return next();
      const page = await readPage();
      if (page === null) return c.text(MISSING, 503);
      if (route === ONE_ASSET)
        c.header('link', await chartAhead(c.req.param('id') ?? '', new URL(c.req.url)));
      return c.html(page, 200, NOT_KEPT);
    });
  // Only said to be missing when somebody asks for it: the API is worth serving by itself.
  if (!existsSync(PAGE_FOLDER)) return app;
  app.use(
    serveStatic({
      root: relative(process.cwd(), PAGE_FOLDER) || '.',
      onFound: (path, c) => {
        c.header(
          'cache-control',
          /-[\w-]{8}\.\w{1,8}$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    }),
  );
  app.get('*', lostRoute);
  return app;
}

const NOT_KEPT = { 'cache-control': 'no-cache' };

function readPage(): Promise<string | null> {
  return readFile(`${PAGE_FOLDER}index.html`, 'utf8').catch(() => null);
}

/** The code of the chart is a file of its own. Named with the page, it is fetched beside the code that asks for it, and so are the values. */
async function chartAhead(subject: string, { searchParams }: URL): Promise<string> {
  const code = (await readdir(PAGE_FOLDER)).filter((name) => /^chart-.*\.js$/.test(name));
  return [
    ...code.map((file) => `</${file}>; rel=modulepreload`),
    ...firstAddresses(subject, searchParams).map(
      (address) => `<${address}>; rel=preload; as=fetch; crossorigin`,
    ),
  ].join(', ');
}

/** A person who follows a wrong link gets the page, which says so; a program gets the sentence. */
const lostRoute: MiddlewareHandler = async (c, next) => {
  const isPerson = (c.req.header('accept') ?? '').includes('text/html') && !c.req.path.startsWith('/api/');
  const page = isPerson ? await readPage() : null;
  return page === null ? next() : c.html(page, 404, NOT_KEPT);
};
