import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ChildContext } from './child-context.js';
import type { ComponentRequest } from './component-request.js';
import { runBarBuilders, runEmaRefreshers } from './run-component.js';
import { runWorkers } from './run-workers.js';

const CONTEXT: ChildContext = {
  dbUrl: 'postgresql://u:canary@h/d',
  schema: 'public',
  source: null,
  lease: null,
};

function request(
  child: string,
  ids: readonly number[],
  more: Partial<ComponentRequest> = {},
): ComponentRequest {
  const file = fileURLToPath(new URL(`../../../test/fixtures/children/${child}.mjs`, import.meta.url));
  return { ids, context: CONTEXT, program: [process.execPath, file], ...more };
}

describe('every way a component can end', () => {
  test('it finishes: its outcomes, no error', async () => {
    const result = await runBarBuilders(request('succeed', [1, 52]));
    expect(result).toMatchObject({
      component: 'bars',
      success: true,
      returnCode: 0,
      ok: 2,
      rowsNeeded: 4,
      rowsWritten: 4,
    });
    expect(result.errorMessage).toBeUndefined();
  });

  test('one asset fails: the others are ok, and the component itself has no error', async () => {
    const result = await runEmaRefreshers(request('fail-one-asset', [1, 825, 52]));
    expect(result).toMatchObject({ component: 'emas', success: false, ok: 2, failed: 1 });
    expect(result.errorMessage).toBeUndefined();
  });

  test('it takes too long: ended, though it ignores SIGTERM; what it has finished counts', async () => {
    const result = await runBarBuilders(
      request('forever', [1, 52], { timeoutSec: 1.2, limits: { silenceMs: 60_000, graceMs: 200 } }),
    );
    expect(result).toMatchObject({ success: false, ok: 1, failed: 1 });
    expect(result.errorMessage).toBe('bars: timed out after 1.2 s');
    expect(result.outcomes?.[1]?.reason).toBe('not finished: timed out after 1.2 s');
  });

  test('it falls silent: ended, though it ignores SIGTERM', async () => {
    const result = await runBarBuilders(
      request('forever', [1, 52], { limits: { silenceMs: 1500, graceMs: 200 } }),
    );
    expect(result).toMatchObject({ success: false, ok: 1, failed: 1 });
    expect(result.errorMessage).toContain('said nothing for 1.5 s');
  });

  test('a stop ends it with its group', async () => {
    const stop = new AbortController();
    const result = await runBarBuilders(
      request('forever', [1, 52], {
        limits: { silenceMs: 60_000, graceMs: 200 },
        signal: stop.signal,
        onEvent: () => stop.abort(),
      }),
    );
    expect(result).toMatchObject({ success: false, ok: 1, failed: 1 });
  });

  test('it speaks another version: an error that quotes the line', async () => {
    const result = await runBarBuilders(request('garbage', [1]));
    expect(result.errorMessage).toContain('{"version":2');
    expect(result.success).toBe(false);
  });

  test('it cannot start', async () => {
    const result = await runBarBuilders({ ids: [1], context: CONTEXT, program: ['/nonexistent/program'] });
    expect(result).toMatchObject({ success: false, returnCode: null, failed: 1 });
    expect(result.errorMessage).toContain('could not be started');
  });

  test('it dies before it says anything: its last words are in the error', async () => {
    const result = await runBarBuilders({
      ids: [1],
      context: CONTEXT,
      program: [process.execPath, '/nonexistent.mjs'],
    });
    expect(result.errorMessage).toMatch(/exited with code 1 before it had finished.*nonexistent/s);
  });
});

describe('a process that is killed is replaced', () => {
  test('the rest continues; only the asset with which a second one is killed fails, with the signal', async () => {
    const told: string[] = [];
    const result = await runBarBuilders(
      request('die-on-825', [1, 825, 52, 60, 61], {
        onEvent: (event) => {
          if (event.type === 'asset_finished') told.push(`${event.outcome.id} ${event.outcome.status}`);
          if (event.type === 'message') told.push(event.text);
        },
      }),
    );
    expect(result).toMatchObject({ success: false, returnCode: 0, ok: 4, failed: 1 });
    expect(result.errorMessage).toBeUndefined();
    expect(result.outcomes?.find((outcome) => outcome.id === 825)?.reason).toBe(
      'not finished: its process was ended by signal SIGKILL, twice while it worked on this asset',
    );
    expect(told).toEqual([
      'a process was ended by signal SIGKILL; another one continues with 2 assets',
      '60 ok',
      '61 ok',
      '1 ok',
      '825 failed',
      'a process was ended by signal SIGKILL; another one continues with 1 asset',
      '52 ok',
    ]);
  });

  test('one that ended politely at the signal of somebody else is replaced too', async () => {
    const result = await runBarBuilders(request('end-politely', [1, 52, 825]));
    expect(result).toMatchObject({ success: true, ok: 3 });
  });

  test('but not for ever: five times, then the component has failed as a whole', async () => {
    const ids = [1, 2, 3, 4, 5, 6, 7, 8];
    const result = await runBarBuilders(request('die-by-signal', ids));
    expect(result).toMatchObject({ success: false, returnCode: null, ok: 6, failed: 2 });
    expect(result.errorMessage).toBe('bars: was ended by signal SIGKILL');
    expect(result.outcomes?.find((outcome) => outcome.id === 8)?.reason).toBe(
      'not finished: was ended by signal SIGKILL',
    );
    const early = await runBarBuilders(request('die-at-once', [1, 52]));
    expect(early).toMatchObject({ success: false, ok: 0, failed: 2 });
  });

  test('what its server still does for it is waited for, and that this fails stops nothing', async () => {
    let waits = 0;
    const beforeReplacing = async () => {
      waits += 1;
      throw new Error('the database is gone');
    };
    const result = await runBarBuilders(request('die-by-signal', [1, 2, 3], { beforeReplacing }));
    expect(result).toMatchObject({ success: true, ok: 3 });
    expect(waits).toBe(2);
  });
});

describe('what a child is given', () => {
  test('a list of ids over 100 kB goes by stdin', async () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => index + 1_000_000);
    const result = await runBarBuilders(request('echo-ids', ids));
    expect(result).toMatchObject({ success: true, ok: 20_000 });
    expect(result.outcomes?.[0]?.reason).toBe('by stdin');
  });

  test('workers share the assets, and each asset has one outcome', async () => {
    const outcomes: number[] = [];
    const ids = [1, 2, 3, 4, 5, 6, 7];
    await runWorkers('bars', 3, {
      ...request('succeed', ids),
      onEvent: (event) => event.type === 'asset_finished' && outcomes.push(event.outcome.id),
    });
    expect(outcomes.sort()).toEqual(ids);
  });

  test('a worker that dies again and again costs its own unfinished assets, and the component an error', async () => {
    const failed: number[] = [];
    const running = runWorkers('bars', 2, {
      ...request(
        'die-by-signal',
        Array.from({ length: 14 }, (_, index) => index + 1),
      ),
      onEvent: (event) =>
        event.type === 'asset_finished' && event.outcome.status === 'failed' && failed.push(event.outcome.id),
    });
    await expect(running).rejects.toThrow('2 of 2 workers failed');
    expect(failed.sort()).toEqual([13, 14]);
  });
});
