/** JSON as it leaves the server: no text in it has a secret, also where the database has one. */
import { createHide, type Hide } from '../../orchestration/program/secrets.js';

const DAY = /^\d{4}-\d\d-\d\d$/;
let hide: Hide | null = null;

/** The text of a value. Days, of which there are thousands, are not looked at. */
export function toJson(value: unknown): string {
  hide ??= createHide();
  const hideText = hide;
  return JSON.stringify(value, (_key, each) =>
    typeof each === 'string' && !DAY.test(each) ? hideText(each) : each,
  );
}
