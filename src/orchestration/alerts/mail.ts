/** Alerts by e-mail, over SMTP. */
import type { Attempt, Channel } from './channel.js';
import type { AlertMessage } from './message.js';

export interface MailSettings {
  /** smtp://user:password@host:587 or smtps://…; holds a secret. */
  url: URL;
  from: string;
  to: string;
}

const WAIT_MS = 8_000;
const MAX_SUBJECT = 150;

/** The channel for these settings. It connects when there is something to send. */
export function mailChannel(settings: MailSettings): Channel {
  return { name: 'the mail server', send: (message, signal) => send(settings, message, signal) };
}

async function send(settings: MailSettings, message: AlertMessage, signal: AbortSignal): Promise<Attempt> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...optionsOf(settings.url),
    ...{ connectionTimeout: WAIT_MS, greetingTimeout: WAIT_MS, socketTimeout: WAIT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const close = () => transport.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    await transport.sendMail(mailOf(settings, message));
    return { isDelivered: true };
  } catch (error) {
    return refused(error);
  } finally {
    signal.removeEventListener('abort', close);
    transport.close();
  }
}

/** The first line is what a list of mails shows. */
function mailOf({ from, to }: MailSettings, { text }: AlertMessage) {
  const [subject = 'barwright'] = text.split('\n');
  return { from, to, subject: subject.slice(0, MAX_SUBJECT), text };
}

function optionsOf(url: URL) {
  const secure = url.protocol === 'smtps:';
  const port = url.port === '' ? (secure ? 465 : 587) : Number(url.port);
  const auth =
    url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } };
  // A server that offers STARTTLS is spoken to in it; one that is asked for a password has to.
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    secure,
    requireTLS: !secure && url.password !== '' && !isHere(url),
    ...auth,
  };
}

function isHere({ hostname }: URL): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

const PERMANENT = new Set(['EAUTH', 'EENVELOPE', 'EMESSAGE', 'ETLS']);

/** Its answers may quote an address or a password: only the code is passed on. */
function refused(error: unknown): Attempt {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const answer = typeof responseCode === 'number' ? `it answered ${responseCode}` : 'it could not be reached';
  const why = typeof code === 'string' ? `${answer} (${code})` : answer;
  const isFinal =
    (typeof responseCode === 'number' && responseCode >= 500) ||
    (typeof code === 'string' && PERMANENT.has(code));
  return { isDelivered: false, why, isFinal, askedPauseMs: null };
}
