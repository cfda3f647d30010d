import type { ComponentName } from '../../domain/planning/outcome.js';
import type { ComponentRequest } from './component-request.js';
import { runComponent } from './run-component.js';

/**
 * Runs one component in `count` processes, each on its share of the ids, dealt out in turn so that shares are alike.
 * Events of all of them go to `request.onEvent`, an outcome for every id among them; the workers' own beginnings and
 * ends do not. Throws when a worker as a whole failed.
 */
export async function runWorkers(
  component: ComponentName,
  count: number,
  request: ComponentRequest,
): Promise<void> {
  const { onEvent } = request;
  onEvent?.({ type: 'started', component, assets: request.ids.length });
  const shares = Array.from({ length: count }, (_, worker) =>
    request.ids.filter((_id, index) => index % count === worker),
  );
  const results = await Promise.all(
    shares
      .filter((ids) => ids.length > 0)
      .map(async (ids) => {
        const reported = new Set<number>();
        const result = await runComponent(component, {
          ...request,
          ids,
          isWorker: true,
          isShare: true,
          onEvent: (event) => {
            if (event.type === 'asset_finished') reported.add(event.outcome.id);
            if (event.type !== 'started' && event.type !== 'finished' && event.type !== 'failed')
              onEvent?.(event);
          },
        });
        for (const outcome of result.outcomes ?? []) {
          if (!reported.has(outcome.id)) onEvent?.({ type: 'asset_finished', outcome });
        }
        return result;
      }),
  );
  const errors = results.flatMap((result) => result.errorMessage ?? []);
  if (errors.length > 0)
    throw new Error(
      `${errors.length} of ${results.length} workers failed: ${[...new Set(errors)].join('; ')}`,
    );
}
