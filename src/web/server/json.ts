/** JSON as it leaves the server: no text in it has a secret, also where the database has one. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { createHide, type Hide } from '../../orchestration/program/secrets.js';
import type { Query } from '../answers/params.js';

const DAY = /^\d{4}-\d\d-\d\d$/;
let hide: Hide | null = null;

/** Hides secrets in a text that is no JSON. */
export function hideSecrets(text: string): string {
  hide ??= createHide();
  return hide(text);
}

/** The text of a value. Days, of which there are thousands, are not looked at. */
export function toJson(value: unknown): string {
  hide ??= createHide();
  const hideText = hide;
  return JSON.stringify(value, (_key, each) =>
    typeof each === 'string' && !DAY.test(each) ? hideText(each) : each,
  );
}

/** An answer in JSON. */
export function reply(c: Context, value: unknown, status: ContentfulStatusCode = 200): Response {
  return c.body(toJson(value), status, { 'content-type': 'application/json; charset=utf-8' });
}

/** The first value of each parameter of a request. */
export function queryOf(c: Context): Query {
  const { searchParams } = new URL(c.req.url);
  return (name) => searchParams.get(name) ?? undefined;
}
