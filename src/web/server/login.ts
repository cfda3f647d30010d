/** Logging in and out of a server that demands a token: forms without a script. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { COOKIE, checkOrigin, isSame } from './guards.js';
import { SESSION_SECONDS, type Sessions } from './sessions.js';

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
function pageOf(form: HtmlEscapedString | Promise<HtmlEscapedString>) {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>barwright: log in</title><meta name="referrer" content="same-origin"><link rel="icon" href="data:,"><link rel="stylesheet" href="/login.css"></head>
<body><main><h1>barwright</h1>
${form}</main></body></html>`;
}

function loginForm(error: string) {
  return pageOf(html`<form method="post" action="/login"><label for="token">Token, as the server printed it when it started</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>${error === '' ? '' : html`<p role="alert">${error}</p>`}</form>`);
}

const logoutForm = () =>
  pageOf(html`<p>You are logged in: <a href="/">to the dashboard</a>.</p>
<form method="post" action="/logout"><button>Log out</button></form>`);

/** The forms, their style and what they send. */
export function loginRoutes(token: string, sessions: Sessions): Hono {
  const app = new Hono();
  app.get('/login', (c) =>
    c.html(sessions.isOpen(getCookie(c, COOKIE) ?? '') ? logoutForm() : loginForm('')),
  );
  app.get('/login.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.post('/login', checkOrigin, async (c) => {
    const { token: given } = await c.req.parseBody();
    if (typeof given !== 'string' || !isSame(given.trim(), token)) {
      await sleep(WRONG_MS);
      return c.html(loginForm('This is not the token.'), 401);
    }
    const options = { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: SESSION_SECONDS } as const;
    setCookie(c, COOKIE, sessions.open(), options);
    return c.redirect('/', 303);
  });
  app.post('/logout', checkOrigin, (c) => {
    sessions.end(getCookie(c, COOKIE) ?? '');
    deleteCookie(c, COOKIE, { path: '/' });
    return c.redirect('/login', 303);
  });
  return app;
}
