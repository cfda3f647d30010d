// Which assets have fresh bars?
//
// Reads only. The database comes from db_config.env or TARGET_DB_URL; its clock counts. 48 hours is the limit, and null
// asks about every active asset.
import { checkBarFreshness, resolveDbUrl } from '../../src/index.js';

for (const { id, reason, lastSrcTs } of await checkBarFreshness(resolveDbUrl(), null, 48)) {
  const newest = lastSrcTs?.toISOString().slice(0, 10) ?? 'none';
  console.log(`asset ${id}: ${reason}, newest price of ${newest}`);
}

// Output:
// asset 900001: stale, newest price of 2025-12-31
// asset 900002: stale, newest price of 2025-12-31
// asset 900003: stale, newest price of 2025-12-31
// asset 900004: stale, newest price of 2025-12-31
// asset 900005: stale, newest price of 2025-12-31
// asset 900006: stale, newest price of 2025-12-31
// asset 900007: stale, newest price of 2025-12-31
// asset 900008: stale, newest price of 2025-12-31
