import { hidePassword } from '../../storage/settings/secrets.js';

/** Variables whose whole value is a secret: the address of a webhook is all that one needs to write to it. */
const SECRET_VARIABLES = [
  'TELEGRAM_BOT_TOKEN',
  'BARWRIGHT_ALERT_WEBHOOK',
  'BARWRIGHT_ALERT_SMTP',
  'CMC_API_KEY',
] as const;
const HIDDEN = '***';
/** Shorter words would be found everywhere. */
const SHORTEST = 6;

export type Hide = (text: string) => string;

/** Hides the passwords of URLs, and the secrets of `env` in every spelling that a URL could give them. */
export function createHide(env: NodeJS.ProcessEnv = process.env): Hide {
  const words = SECRET_VARIABLES.flatMap((name) => spellingsOf(env[name]?.trim() ?? ''));
  const known = [...new Set(words)].filter((word) => word.length >= SHORTEST);
  // The longest first: a part must not be taken out of the whole before it is found.
  known.sort((a, b) => b.length - a.length);
  return (text) => hidePassword(known.reduce((rest, word) => rest.replaceAll(word, HIDDEN), text));
}

/** The word, as it looks encoded, as a URL writes it, and of a URL what stands behind its host. */
function spellingsOf(word: string): string[] {
  if (!URL.canParse(word)) return [word, encodeURIComponent(word)];
  const { href, pathname, search } = new URL(word);
  return [word, href, encodeURIComponent(word), `${pathname}${search}`];
}

/** The same value with every text in it hidden, also in keys. */
export function hideIn(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((each) => hideIn(each, hide));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [hide(key), hideIn(each, hide)]));
}
