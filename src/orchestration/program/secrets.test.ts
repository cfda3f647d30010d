import { describe, expect, test } from 'vitest';
import { createHide, hideIn } from './secrets.js';

const TOKEN = '123456:AAH-canary_token';
const WEBHOOK = 'https://hooks.example.org/services/T0/B0/canary word?key=canary';
const hide = createHide({ TELEGRAM_BOT_TOKEN: TOKEN, BARWRIGHT_ALERT_WEBHOOK: WEBHOOK });

describe('createHide', () => {
  test.each([
    `https://api.telegram.org/bot${TOKEN}/sendMessage`,
    `bot${encodeURIComponent(TOKEN)}`,
    `posting to ${WEBHOOK} failed`,
    `posting to ${new URL(WEBHOOK).href} failed`,
    `path ${new URL(WEBHOOK).pathname}${new URL(WEBHOOK).search}`,
    encodeURIComponent(WEBHOOK),
    'postgresql://u:canary@h/d',
  ])('%s', (text) => {
    expect(hide(text)).not.toContain('canary');
    expect(hide(text)).toContain('***');
  });

  test('without secrets a text stays as it is, and a short word hides nothing', () => {
    expect(createHide({})('bars: 3 failed')).toBe('bars: 3 failed');
    expect(createHide({ TELEGRAM_BOT_TOKEN: 'bar' })('bars: 3 failed')).toBe('bars: 3 failed');
  });
});

test('hideIn reaches texts and keys at any depth and leaves the rest', () => {
  const value = { a: [1, null, true, { [TOKEN]: `x ${TOKEN}` }], b: 'postgresql://u:canary@h/d' };
  expect(hideIn(value, hide)).toEqual({
    a: [1, null, true, { '***': 'x ***' }],
    b: 'postgresql://u:***@h/d',
  });
});
