import { describe, expect, test } from 'vitest';
import type { HttpChannel } from './channel.js';
import { findChannels as findAll } from './channels.js';

const TOKEN = '123456:AAH-canary_token';
const MESSAGE = { text: `<b>&amp; ${'x'.repeat(5_000)}`, facts: { what: 'FAILED' } };

/** Those that are reached by a POST. */
function findChannels(env: NodeJS.ProcessEnv): { channels: HttpChannel[]; warnings: string[] } {
  const { channels, warnings } = findAll(env);
  return { channels: channels.filter((channel): channel is HttpChannel => 'url' in channel), warnings };
}

describe('findChannels', () => {
  test('Telegram: the text as it is, within its limit, and no previews of links in it', () => {
    const { channels, warnings } = findChannels({
      TELEGRAM_BOT_TOKEN: ` ${TOKEN}\n`,
      TELEGRAM_CHAT_ID: '-100',
      TELEGRAM_API_URL: 'http://127.0.0.1:8081/',
    });
    expect(warnings).toEqual([]);
    expect(channels.map(({ url }) => url)).toEqual([`http://127.0.0.1:8081/bot${TOKEN}/sendMessage`]);
    const body = channels[0]?.bodyOf(MESSAGE) as { text: string };
    expect(body).toMatchObject({ chat_id: '-100', link_preview_options: { is_disabled: true } });
    expect(body).not.toHaveProperty('parse_mode');
    expect(body.text.slice(0, 9)).toBe('<b>&amp; ');
    expect(body.text.length).toBeLessThanOrEqual(4096);
  });

  test('Telegram has its own address when none is given', () => {
    const { channels } = findChannels({ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '1' });
    expect(channels[0]?.url).toBe(`https://api.telegram.org/bot${TOKEN}/sendMessage`);
  });

  test("a webhook: Slack's shape, escaped, with the facts beside it; a user in the URL becomes a header", () => {
    const { channels } = findChannels({
      BARWRIGHT_ALERT_WEBHOOK: 'https://u%40x:p%3Aw@hooks.example.org/a?b=c',
    });
    expect(channels).toHaveLength(1);
    expect(channels[0]).toMatchObject({
      url: 'https://hooks.example.org/a?b=c',
      headers: { authorization: `Basic ${Buffer.from('u@x:p:w').toString('base64')}` },
    });
    const body = channels[0]?.bodyOf(MESSAGE) as { text: string; barwright: unknown };
    expect(body.text).toMatch(/^&lt;b&gt;&amp;amp; x/);
    expect(body.text.length).toBeLessThanOrEqual(4_000);
    expect(body.barwright).toEqual({ what: 'FAILED' });
  });

  test('both', () => {
    const env = { TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '1', BARWRIGHT_ALERT_WEBHOOK: 'http://h/' };
    expect(findChannels(env).channels.map(({ name }) => name)).toEqual(['Telegram', 'the webhook']);
  });

  test.each([
    [{}, 'has no channel'],
    [{ TELEGRAM_BOT_TOKEN: ' ', TELEGRAM_CHAT_ID: '' }, 'has no channel'],
    [{ TELEGRAM_CHAT_ID: '1' }, 'TELEGRAM_BOT_TOKEN is not'],
    [{ TELEGRAM_BOT_TOKEN: TOKEN }, 'TELEGRAM_CHAT_ID is not'],
    [{ TELEGRAM_BOT_TOKEN: 'canary/../x', TELEGRAM_CHAT_ID: '1' }, 'is expected to look like 123456:ABC-DEF'],
    [
      { TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_CHAT_ID: '1', TELEGRAM_API_URL: 'ftp://canary' },
      'TELEGRAM_API_URL is no',
    ],
    [{ BARWRIGHT_ALERT_WEBHOOK: 'canary' }, 'BARWRIGHT_ALERT_WEBHOOK is no http or https URL'],
    [{ BARWRIGHT_ALERT_WEBHOOK: 'javascript:canary()' }, 'BARWRIGHT_ALERT_WEBHOOK is no http or https URL'],
  ])('what cannot be used is a warning that shows no value: %o', (env, words) => {
    const { channels, warnings } = findChannels(env);
    expect(channels).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(words);
    expect(warnings[0]).not.toContain('canary');
  });
});
