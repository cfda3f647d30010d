import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from './errors.js';
import { formatIds, parseIdList } from './ids.js';

describe('parseIdList', () => {
  test.each(['all', 'ALL', ' All '])('%j is null: all', (text) => expect(parseIdList(text)).toBeNull());

  test.each([
    ['1,52,825', [1, 52, 825]],
    [' 1 , 52,, 52 ,', [1, 52]],
    ['2147483647', [2_147_483_647]],
    ['007', [7]],
  ])('%j', (text, ids) => expect(parseIdList(text)).toEqual(ids));

  test.each(['x', '0', '-1', '1_000', '99999999999', '1e3', '1.0', '+1', '0x1', '１', '1;2'])(
    '%j is refused by name',
    (text) => {
      expect(() => parseIdList(`1,${text}`)).toThrow(UsageError);
      expect(() => parseIdList(`1,${text}`)).toThrow(`"${text}"`);
    },
  );

  test.each(['', ' ', ',', ' , ,'])('%j is nothing, which is not all', (text) =>
    expect(() => parseIdList(text)).toThrow(UsageError),
  );

  test('reads back what formatIds wrote', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 2_147_483_647 }), { minLength: 1 });
    fc.assert(
      fc.property(ids, (list) => {
        expect(parseIdList(formatIds(list))).toEqual(list);
      }),
    );
    expect(parseIdList(formatIds(null))).toBeNull();
  });

  test('whatever the text, it is ids or a UsageError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          for (const id of parseIdList(text) ?? []) expect(Number.isInteger(id) && id > 0).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});
