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
  { path: 'docs/API.md', make: makeApiReference },
  { path: 'barwright.config.schema.json', make: makeConfigSchema },
  { path: 'docs/CONFIG.md', make: makeConfigDocument },
  { path: 'docs/LICENCES.md', make: makeLicences },
  { path: 'man/barwright.1', make: makeManual },
  { path: 'docs/SCALE.md', make: makeScale },
  { path: 'docs/MORNINGS.md', make: makeMornings },
  { path: 'docs/INDICATORS.md', make: makeIndicators },
  { path: 'docs/decisions/README.md', make: makeDecisionIndex },
  { path: 'docs/EXAMPLES.md', make: makeExamples },
];
