/**
 * Which assets are fresh, and what would a refresh do? Reads only. The database comes from db_config.env or
 * TARGET_DB_URL. With the package installed: from 'barwright'.
 */
import { checkBarFreshness, planRefresh, resolveDbUrl } from '../src/index.js';

const dbUrl = resolveDbUrl();

// null: every active asset. 48: the limit in hours, by the database's clock.
for (const { id, reason, stalenessHours } of await checkBarFreshness(dbUrl, null, 48)) {
  const age = stalenessHours === null ? 'no bars yet' : `newest price ${stalenessHours.toFixed(1)} h old`;
  console.log(`asset ${id}: ${reason}, ${age}`);
}

for (const { component, id, action, reason } of await planRefresh({ bars: true, emas: true, dbUrl })) {
  console.log(`${component} of asset ${id}: ${action} (${reason})`);
}
