/** `barwright mcp`, asked by the protocol's own client: it says what the HTTP API and the command line say, and only reads. */
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BarsResponse, EmasResponse } from '../../src/web/api/api-asset-types.js';
import { openWarehouse } from '../../src/web/open-warehouse.js';
import { CANARY_WORD } from '../support/canary.js';
import { builtFile, cleanEnvironment, runCli } from '../support/cli.js';
import { createDashboard, type Dashboard } from '../support/dashboard.js';

interface Answer {
  isError: boolean;
  value: Record<string, unknown>;
}

let dashboard: Dashboard;
let client: Client;
let said = '';

beforeAll(async () => {
  dashboard = await createDashboard();
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [builtFile('cli/bin.js'), 'mcp'],
    env: cleanEnvironment({ TARGET_DB_URL: dashboard.warehouse.urls.reader }) as Record<string, string>,
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
}, 120_000);
afterAll(async () => {
  await client?.close();
  await dashboard?.close();
});

async function ask(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
  const { content, isError } = await client.callTool({ name, arguments: args });
  const [first] = content;
  const text = first?.type === 'text' ? first.text : '';
  expect(text).not.toContain(CANARY_WORD);
  return { isError: isError === true, value: JSON.parse(text) };
}

test('lists its tools, each with a description and with what it takes; all of them only read', async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    ...['assets', 'timeframes', 'status', 'bars', 'emas', 'indicators', 'explain'],
  ]);
  for (const { description, annotations, inputSchema } of tools) {
    expect(description?.length).toBeGreaterThan(40);
    expect(annotations?.readOnlyHint).toBe(true);
    expect(inputSchema.type).toBe('object');
  }
});

describe('answers', () => {
  test('assets are found by a part of their symbol or name', async () => {
    const { value } = await ask('assets');
    const listed = await dashboard.cli('asset', 'list');
    expect(value.found).toBe(listed.assets.length);
    const [first] = value.assets as { id: number; symbol: string }[];
    const found = await ask('assets', { search: first?.symbol.toLowerCase() });
    expect(found.value.assets).toContainEqual(first);
    expect((await ask('assets', { search: 'no such thing' })).value).toMatchObject({ found: 0, assets: [] });
  });

  test('bars and EMAs are those of the HTTP API, from the oldest row on that was asked for', async () => {
    const [{ id }] = (await ask('assets')).value.assets as [{ id: number }];
    const { server } = dashboard;
    const bars = await server.get<BarsResponse>(`/api/assets/${id}/bars?tf=7D`);
    const all = await ask('bars', { id, tf: '7d', rows: 2000 });
    expect(all.value).toMatchObject({ ...bars, olderRows: 0 });
    const some = await ask('bars', { id, tf: '7D', rows: 2 });
    expect(some.value.olderRows).toBe(bars.bars.day.length - 2);
    expect((some.value.bars as BarsResponse['bars']).close).toEqual(bars.bars.close.slice(-2));
    const emas = await server.get<EmasResponse>(`/api/assets/${id}/emas?tf=1D&periods=10,21`);
    const { value } = await ask('emas', { id, tf: '1D', periods: [10, 21], rows: 3 });
    expect(value.day).toEqual(emas.day.slice(-3));
    expect(value.series).toEqual(
      emas.series.map(({ period, ema, emaBar }) => ({
        period,
        ema: ema.slice(-3),
        emaBar: emaBar.slice(-3),
      })),
    );
  });

  test('every answer about an asset says up to which day it is, and every one of which database', async () => {
    const [{ id }] = (await ask('assets')).value.assets as [{ id: number }];
    const health = await dashboard.server.get<{ schema: string }>('/api/health');
    const { value } = await ask('explain', { id });
    expect(value.warehouse).toMatchObject({ schema: health.schema });
    const { rows } = await dashboard.warehouse
      .query(`select max(timestamp at time zone 'UTC')::date::text from cmc_price_bars_1d where id = ${id}`)
      .then((found) => ({ rows: found }));
    expect(value.watermark).toMatchObject({ daily: rows[0]?.[0], bars: rows[0]?.[0] });
    expect((await ask('timeframes')).value.warehouse).toEqual(value.warehouse);
  });

  test('status and explain are those of the command line', async () => {
    const status = await dashboard.cli('status');
    const { value } = await ask('status');
    expect((value.assets as { id: number }[]).map(({ id }) => id)).toEqual(
      status.assets.map(({ id }: { id: number }) => id),
    );
  });

  test('what is not there, and what cannot be meant, is one sentence, and the next question is answered', async () => {
    const unknown = await ask('bars', { id: 12_345, tf: '7D' });
    expect(unknown).toMatchObject({
      isError: true,
      value: { error: 'no such asset: 12345', kind: 'not_found' },
    });
    const [{ id }] = (await ask('assets')).value.assets as [{ id: number }];
    const timeframe = await ask('emas', { id, tf: '9X', periods: [10] });
    expect(timeframe).toMatchObject({ isError: true });
    expect(timeframe.value.error).toContain('no timeframe "9X"');
    const { isError } = await client.callTool({ name: 'bars', arguments: { id: -1, tf: '7D' } });
    expect(isError).toBe(true);
    expect((await ask('timeframes')).isError).toBe(false);
  });
});

test('its database takes no write, not even of its owner; the dashboard opens the same one', async () => {
  const { database } = await openWarehouse({
    ...{ dbUrl: dashboard.warehouse.urls.owner, schema: 'public', source: null, stalenessHours: null },
  });
  try {
    const writing = database.transaction((tx) => tx.execute(`update dim_assets set name = 'written'`));
    await expect(writing).rejects.toThrow(/read-only transaction/);
  } finally {
    await database.close();
  }
});

test('ends with exit code 0 when its input ends, and says nothing but the protocol on standard output', async () => {
  const end = await runCli(['mcp'], { env: { TARGET_DB_URL: dashboard.warehouse.urls.reader } });
  expect(end).toMatchObject({ code: 0, stdout: '' });
  expect(said).toBe('');
});
