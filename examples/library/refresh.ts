// A refresh from a program of yours, with its report
//
// Ids as in `--ids`; null is every active asset. What the command prints as a summary is a value here.
import { refreshDaily, resolveDbUrl } from '../../src/index.js';

const report = await refreshDaily({ bars: true, emas: true, ids: [900_001, 900_002], dbUrl: resolveDbUrl() });
console.log(`${report.verdict} (exit ${report.exitCode})`);
for (const { component, outcomes } of report.components)
  for (const { id, status, action, reason } of outcomes ?? [])
    console.log(`${component} of asset ${id}: ${status}, ${action} (${reason})`);

// Output:
// OK: everything asked for is done (exit 0)
// bars of asset 900001: ok, none (up to date (2025-12-31))
// bars of asset 900002: ok, none (up to date (2025-12-31))
// emas of asset 900001: ok, none (up to date (2025-12-31))
// emas of asset 900002: ok, none (up to date (2025-12-31))
// indicators of asset 900001: ok, none (up to date (2025-12-31))
// indicators of asset 900002: ok, none (up to date (2025-12-31))
