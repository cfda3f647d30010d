/** The documents that are made from the sources, and how. */
import { makeApiReference } from './api.js';
import { makeConfigDocument, makeConfigSchema } from './config.js';
import { makeDecisionIndex } from './decisions.js';
import { makeExamples } from './examples.js';
import { makeIndicators } from './indicators.js';
import { makeLicences } from './licences.js';
import { makeManual } from './manual.js';
import { makeMornings } from './mornings.js';
import { makeScale } from './scale.js';

export interface Document {
  /** From the root of the checkout. */
  path: string;
  /** Its whole text; `checkout` is the root. */
  make: (checkout: string) => string | Promise<string>;
}

/** Each is written by `npm run documents`, and test/documents.test.ts notices when it is older than its source. */
export const DOCUMENTS: readonly Document[] = [
  { path: 'docs/reference/api.md', make: makeApiReference },
  { path: 'barwright.config.schema.json', make: makeConfigSchema },
  { path: 'docs/reference/config.md', make: makeConfigDocument },
  { path: 'docs/contributing/licences.md', make: makeLicences },
  { path: 'man/barwright.1', make: makeManual },
  { path: 'docs/explanation/scale.md', make: makeScale },
  { path: 'docs/explanation/mornings.md', make: makeMornings },
  { path: 'docs/reference/indicators.md', make: makeIndicators },
  { path: 'docs/decisions/README.md', make: makeDecisionIndex },
  { path: 'docs/reference/examples.md', make: makeExamples },
];
