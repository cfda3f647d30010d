/** The login form of a server that demands a token: no script, one field. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { COOKIE, checkOrigin, cookieOf, isSame } from './guards.js';

const COOKIE_SECONDS = 12 * 3600;
/** Guessing a long token is hopeless; this keeps it from costing anything. */
const WRONG_MS = 300;

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 24rem; margin: 15vh auto; padding: 0 1rem }
input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; margin-top: .5rem }
[role=alert] { color: #b00020 }
@media (prefers-color-scheme: dark) { [role=alert] { color: #ff8a80 } }
`;

/** Under no-referrer, which is the policy of all other pages, a browser sends a form with `Origin: null`. */
function formOf(error: string) {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>barwright: log in</title><meta name="referrer" content="same-origin"><link rel="icon" href="data:,"><link rel="stylesheet" href="/login.css"></head>
<body><main><h1>barwright</h1>
<form method="post" action="/login"><label for="token">Token, as the server printed it when it started</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>${error === '' ? '' : html`<p role="alert">${error}</p>`}</form></main></body></html>`;
}

/** The form, its style and what it sends. */
export function loginRoutes(token: string): Hono {
  const app = new Hono();
  app.get('/login', (c) => c.html(formOf('')));
  app.get('/login.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.post('/login', checkOrigin, async (c) => {
    const { token: given } = await c.req.parseBody();
    if (typeof given !== 'string' || !isSame(given.trim(), token)) {
      await sleep(WRONG_MS);
      return c.html(formOf('This is not the token.'), 401);
    }
    const options = { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: COOKIE_SECONDS } as const;
    setCookie(c, COOKIE, cookieOf(token), options);
    return c.redirect('/', 303);
  });
  return app;
}
