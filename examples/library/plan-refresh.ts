// What would a refresh do, and why?
//
// Nothing is written, and nothing is run.
import { planRefresh, resolveDbUrl } from '../../src/index.js';

const dbUrl = resolveDbUrl();
for (const fullRebuild of [false, true])
  for (const plan of await planRefresh({ bars: true, emas: true, ids: [900_001], dbUrl, fullRebuild }))
    console.log(`${plan.component} of asset ${plan.id}: ${plan.action} (${plan.reason})`);

// Output:
// bars of asset 900001: none (up to date (2025-12-31))
// emas of asset 900001: none (up to date (2025-12-31))
// indicators of asset 900001: none (up to date (2025-12-31))
// bars of asset 900001: rebuild (rebuild: full rebuild asked for)
// emas of asset 900001: rebuild (follows its bars)
// indicators of asset 900001: rebuild (follows its bars)
