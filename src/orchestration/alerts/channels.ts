/** Where alerts go, by the environment. */
import type { Channel, HttpChannel } from './channel.js';
import { execChannel } from './exec.js';
import { mailChannel } from './mail.js';
import { escapeSlack, fitText, SLACK_UNITS, TELEGRAM_UNITS } from './message.js';

export interface Channels {
  channels: Channel[];
  /** What is configured by half, or wrong: sentences for people. */
  warnings: string[];
}

const TELEGRAM_API = 'https://api.telegram.org';
const TOKEN = /^\d+:[\w-]+$/;

/**
 * The channels that the environment names, and a command line of `--alert-exec`. Throws nothing: what cannot be used is a
 * warning.
 */
export function findChannels(env: NodeJS.ProcessEnv = process.env, command: string | null = null): Channels {
  const found: Channels = { channels: [], warnings: [] };
  addTelegram(env, found);
  addWebhook(env, found);
  addMail(env, found);
  if (command !== null && command.trim() !== '') found.channels.push(execChannel(command));
  if (found.channels.length === 0 && found.warnings.length === 0) {
    found.warnings.push(
      '--alert-on-error has no channel: set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID, BARWRIGHT_ALERT_WEBHOOK, or BARWRIGHT_ALERT_SMTP and ' +
        'BARWRIGHT_ALERT_EMAIL, or give --alert-exec',
    );
  }
  return found;
}

function addTelegram(env: NodeJS.ProcessEnv, { channels, warnings }: Channels): void {
  const token = settingOf(env, 'TELEGRAM_BOT_TOKEN');
  const chat = settingOf(env, 'TELEGRAM_CHAT_ID');
  if (token === null && chat === null) return;
  const api = parseUrl(settingOf(env, 'TELEGRAM_API_URL') ?? TELEGRAM_API);
  if (token === null)
    warnings.push('no alert by Telegram: TELEGRAM_CHAT_ID is set, TELEGRAM_BOT_TOKEN is not');
  else if (chat === null)
    warnings.push('no alert by Telegram: TELEGRAM_BOT_TOKEN is set, TELEGRAM_CHAT_ID is not');
  else if (!TOKEN.test(token))
    warnings.push('no alert by Telegram: TELEGRAM_BOT_TOKEN is expected to look like 123456:ABC-DEF');
  else if (api === null) warnings.push('no alert by Telegram: TELEGRAM_API_URL is no http or https URL');
  else channels.push(telegram({ api, token, chat }));
}

function telegram({ api, token, chat }: { api: URL; token: string; chat: string }): HttpChannel {
  return {
    name: 'Telegram',
    url: `${api.href.replace(/\/{1,9}$/, '')}/bot${token}/sendMessage`,
    headers: {},
    // Without a parse mode a text is taken as it is: nothing in it needs to be escaped, and nothing in it can break it.
    bodyOf: ({ text }) => ({
      chat_id: chat,
      text: fitText(text, TELEGRAM_UNITS),
      link_preview_options: { is_disabled: true },
    }),
  };
}

function addWebhook(env: NodeJS.ProcessEnv, { channels, warnings }: Channels): void {
  const text = settingOf(env, 'BARWRIGHT_ALERT_WEBHOOK');
  if (text === null) return;
  const url = parseUrl(text);
  if (url === null) {
    warnings.push('no alert by webhook: BARWRIGHT_ALERT_WEBHOOK is no http or https URL');
    return;
  }
  const headers = authorisationOf(url);
  url.username = '';
  url.password = '';
  channels.push({
    name: 'the webhook',
    url: url.href,
    headers,
    bodyOf: ({ text: words, facts }) => ({
      text: fitText(words, SLACK_UNITS, escapeSlack),
      barwright: facts,
    }),
  });
}

const ADDRESS = /^[^\s@<>,]+@[^\s@<>,]+$/;

function addMail(env: NodeJS.ProcessEnv, { channels, warnings }: Channels): void {
  const server = settingOf(env, 'BARWRIGHT_ALERT_SMTP');
  const to = settingOf(env, 'BARWRIGHT_ALERT_EMAIL');
  if (server === null && to === null) return;
  const url = server === null ? null : URL.parse(server);
  const addresses = (to ?? '').split(',').map((address) => address.trim());
  const from = settingOf(env, 'BARWRIGHT_ALERT_EMAIL_FROM') ?? addresses[0] ?? '';
  if (server === null)
    warnings.push('no alert by e-mail: BARWRIGHT_ALERT_EMAIL is set, BARWRIGHT_ALERT_SMTP is not');
  else if (to === null)
    warnings.push('no alert by e-mail: BARWRIGHT_ALERT_SMTP is set, BARWRIGHT_ALERT_EMAIL is not');
  else if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '')
    warnings.push(
      'no alert by e-mail: BARWRIGHT_ALERT_SMTP is expected to look like smtp://user:password@host:587',
    );
  else if (![...addresses, from].every((address) => ADDRESS.test(address)))
    warnings.push(
      'no alert by e-mail: BARWRIGHT_ALERT_EMAIL and BARWRIGHT_ALERT_EMAIL_FROM expect addresses like me@example.com',
    );
  else channels.push(mailChannel({ url, from, to: addresses.join(', ') }));
}

/** fetch refuses a URL with a user in it, and wants a header. */
function authorisationOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(words).toString('base64')}` };
}

function parseUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}

function settingOf(env: NodeJS.ProcessEnv, name: string): string | null {
  const value = env[name]?.trim() ?? '';
  return value === '' ? null : value;
}
