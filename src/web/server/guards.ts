/** Who may ask at all: names of this server, the token, and pages of other origins. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { RefusedError } from '../answers/errors.js';
import type { Sessions } from './sessions.js';

/** Strict: nothing inline, nothing from elsewhere, in no frame. Pictures of charts are data and blob URLs. */
export const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  crossOriginResourcePolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  // This server speaks plain HTTP; a proxy that adds TLS sets this itself.
  strictTransportSecurity: false,
});

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Whether only processes of this machine reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(host);
}

/**
 * Refuses names that are not this server's: a page elsewhere may have its own name point here (DNS rebinding) and would
 * then be of "the same origin". Addresses are no names; with a token a name alone opens nothing.
 */
export function checkHost(host: string, allowed: readonly string[]): MiddlewareHandler {
  const bound = host.includes(':') ? `[${host}]` : host;
  const names = new Set(
    [bound, ...LOOPBACK, ...allowed, ...(isLoopback(host) ? [] : [hostname()])].map(lower),
  );
  return async (c, next) => {
    const name = lower(c.req.header('host') ?? '').replace(/:[0-9]{1,5}$/, '');
    const isAddress = !isLoopback(host) && isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
    if (!names.has(name) && !isAddress)
      throw new RefusedError('forbidden', 'this name is not one of this server; --allowed-hosts adds names');
    await next();
  };
}

const lower = (text: string): string => text.toLowerCase();

/** Name of the cookie that the login form sets. */
export const COOKIE = 'barwright';

/** Compared in a time that says nothing: of equal length, both hashed. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The token of `Authorization: Bearer`; null: there is none. */
export function bearerOf(header: string | undefined): string | null {
  return /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1] ?? null;
}

/** What a request was found to be, for what lasts longer than its check. */
export interface KnownVariables {
  /** Whether the login of the request still stands; undefined: it needs none, or came with the token itself. */
  isStillKnown?: () => boolean;
}

/** Without the token, or the cookie of a login: pages lead to the login, everything else is refused. */
export function demandToken(
  token: string,
  sessions: Sessions,
): MiddlewareHandler<{ Variables: KnownVariables }> {
  return async (c, next) => {
    const bearer = bearerOf(c.req.header('authorization'));
    if (bearer !== null && isSame(bearer, token)) return next();
    const cookie = getCookie(c, COOKIE) ?? '';
    if (sessions.isOpen(cookie)) {
      c.set('isStillKnown', () => sessions.isOpen(cookie));
      return next();
    }
    const wantsPage = c.req.method === 'GET' && (c.req.header('accept') ?? '').includes('text/html');
    if (wantsPage) return c.redirect('/login', 303);
    throw new RefusedError('unauthorized', 'a token is needed: log in, or send it as Authorization: Bearer');
  };
}

/** What changes something must not be asked by a page of another origin, even one of the same site. */
export const checkOrigin: MiddlewareHandler = async (c, next) => {
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const own = (c.req.header('host') ?? '').toLowerCase();
  const isOwn =
    (site === undefined || site === 'same-origin') &&
    (origin === undefined || URL.parse(origin)?.host === own.replace(/:80$/, ''));
  if (!isOwn) throw new RefusedError('forbidden', 'a page of another origin may not ask this');
  await next();
};
