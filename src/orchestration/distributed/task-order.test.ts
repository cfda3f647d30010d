import { expect, test } from 'vitest';
import type { ComponentRequest } from '../processes/component-request.js';
import { divideWork } from './task-order.js';

const LEASE = { name: 'refresh', owner: 'me', token: 7 } as never;
const OPTIONS = {
  only: ['multi_tf'],
  verbose: true,
  continueOnError: true,
  fullRebuild: true,
  acceptDeletions: true,
  acceptProvisional: true,
  tfs: ['7D'],
};
const request = (count: number, options: Partial<ComponentRequest> = {}): ComponentRequest => ({
  ids: Array.from({ length: count }, (_, index) => index + 1),
  context: { source: 'market.prices', asOfUs: 5, batchAssets: 3 } as ComponentRequest['context'],
  ...options,
});

test.each(Object.entries(OPTIONS))('a worker gets to know of %s', (name, value) => {
  const orders = divideWork('bars', request(30, { [name]: value }), { run: 'r', lease: LEASE });
  expect(orders).toHaveLength(3);
  for (const { options } of orders) expect(options).toEqual({ [name]: value });
});

test('every asset is in one task, and each task says whose it is and as of when', () => {
  for (const count of [1, 9, 10, 11, 240, 241, 5000]) {
    const orders = divideWork('emas', request(count), { run: 'r', lease: LEASE });
    expect(orders.flatMap(({ ids }) => ids).sort((a, b) => a - b)).toEqual(request(count).ids);
    expect(Math.max(...orders.map(({ ids }) => ids.length))).toBeLessThanOrEqual(100);
    expect(new Set(orders.map(({ name }) => name)).size).toBe(orders.length);
    expect(orders[0]).toMatchObject({
      ...{ run: 'r', lease: LEASE, component: 'emas', name: 'task emas 0', options: {} },
      ...{ source: 'market.prices', asOfUs: 5, batchAssets: 3 },
    });
  }
});
