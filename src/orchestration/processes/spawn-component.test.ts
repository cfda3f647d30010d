import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { listDescendants, waitFor } from '../../../test/support/processes.js';
import type { ComponentEvent } from '../../domain/planning/outcome.js';
import { spawnComponent } from './spawn-component.js';

// A slow disk: the checks of events are loaded when the child is gone.
vi.mock('./event-schema.js', async (importOriginal) => {
  await waitFor('the end of the child', () => (listDescendants(process.pid).length === 0 ? true : null));
  return importOriginal();
});

test('a child that is gone before its events can be checked: all of them arrive, and its end', async () => {
  const file = fileURLToPath(new URL('../../../test/fixtures/children/succeed.mjs', import.meta.url));
  const events: ComponentEvent[] = [];
  const end = await spawnComponent(
    { file: process.execPath, args: [file, '--ids', '1,52'], env: process.env },
    (event) => events.push(event),
  );
  expect(events.map(({ type }) => type)).toEqual(['asset_finished', 'asset_finished', 'finished']);
  expect(end).toMatchObject({ returnCode: 0, error: null });
});
