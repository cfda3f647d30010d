import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstAddresses, isDay } from './asset-address.js';

test('a day is one that the calendar has, written as ISO has it', () => {
  expect(['2024-02-29', '1999-12-31', '0001-01-01'].filter((text) => !isDay(text))).toEqual([]);
  const wrong = ['', '2023-02-29', '2024-13-01', '2024-00-10', '2024-04-31', '24-01-01', '01/31/2024'];
  const strange = [' 2024-01-01', '2024-1-1', '2024-01-01T00:00', '２０２４-01-01', '99999-01-01'];
  expect([...wrong, ...strange].filter(isDay)).toEqual([]);
});

test('a chart opens on its newest bars; a span, a comparison or all previews need all of them', () => {
  const first = (address: string) => firstAddresses('1', new URLSearchParams(address));
  expect(first('emas=10,21&asof=2024-02-29')).toEqual([
    '/api/assets/1/bars?tf=7D&alignment=multi_tf&newest=600&asof=2024-02-29',
    '/api/assets/1/emas?tf=7D&alignment=multi_tf&newest=600&periods=10,21&kind=ema&previews=last&to=2024-02-29',
  ]);
  expect(first('emas=none')).toHaveLength(1);
  for (const more of ['range=1Y', 'compare=2', 'previews=1'])
    for (const address of first(`indicators=rsi_14&${more}`)) expect(address).not.toContain('newest');
});

test('whatever an address holds, the server can say what is asked first in a header', () => {
  const text = fc.string({ unit: 'grapheme' });
  const query = fc.dictionary(
    fc.constantFrom('tf', 'alignment', 'emas', 'indicators', 'asof', 'compare'),
    text,
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), query, (subject, values) => {
      for (const address of firstAddresses(subject, new URLSearchParams(values)))
        expect(address).toMatch(/^\/api\/assets\/[!#-;=?-~]*$/);
    }),
  );
});
