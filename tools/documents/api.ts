/** docs/reference/api.md: every export of the package with its declaration, from the compiler's own words. */
import { type Declarations, type Place, withDeclarations } from './declarations.js';

/** The faces of the package: name to import, file that it is, what it is for. */
const FACES = [
  ['barwright', 'index', 'The refresh, its plan, freshness, and what they return. It needs a database.'],
  [
    'barwright/refresh-utils',
    'scripts/refresh-utils',
    'The utilities of the order by their names. What `barwright` exports too is described there.',
  ],
  [
    'barwright/domain',
    'domain/index',
    'The calculations alone: no database, no clock, no environment. What is described above is not described again.',
  ],
] as const;

const keyOf = ({ file, name }: Place): string => `${file} ${name}`;

/** Everything that is said once, by place: the anchor under which it is found. */
class Anchors {
  readonly #anchors = new Map<string, string>();

  /** Throws when two names would share an anchor. */
  add(place: Place): void {
    const anchor = place.name.toLowerCase();
    if ([...this.#anchors.values()].includes(anchor))
      throw new Error(`api.md would have two headings "${anchor}": rename one of the exports`);
    this.#anchors.set(keyOf(place), anchor);
  }

  find(place: Place): string | null {
    return this.#anchors.get(keyOf(place)) ?? null;
  }
}

/** The document, of the sources as they are. */
export function makeApiReference(checkout: string): string {
  return withDeclarations(checkout, (declarations) => {
    const anchors = new Anchors();
    const sections = FACES.map(([face, file, purpose]) => {
      const places = [...declarations.listExports(file).values()];
      const known = places.filter((place) => anchors.find(place) !== null);
      const fresh = places.filter((place) => anchors.find(place) === null);
      for (const place of fresh) anchors.add(place);
      const mentioned = listMentioned(fresh, declarations).filter((place) => anchors.find(place) === null);
      for (const place of mentioned) anchors.add(place);
      return formatFace({ face, purpose, known, fresh, mentioned }, declarations, anchors);
    });
    return `${[HEAD, ...sections].join('\n\n')}\n`;
  });
}

const HEAD = `# The library, export by export

Made by \`npm run documents\` from the declarations and their comments; a test fails when it is older than they are. All of it is ES modules with types.
How to begin is in [README.md](../../README.md#as-a-library) and in [examples/](../../examples).`;

/** Types that declarations mention and no face exports: they can be read here, and come with the values. */
function listMentioned(places: readonly Place[], declarations: Declarations): Place[] {
  const seen = new Map(places.map((place) => [keyOf(place), place]));
  const found: Place[] = [];
  const queue = [...places];
  for (const place of queue) {
    for (const next of declarations.listMentions(place)) {
      if (seen.has(keyOf(next))) continue;
      seen.set(keyOf(next), next);
      found.push(next);
      queue.push(next);
    }
  }
  return found;
}

interface Face {
  face: string;
  purpose: string;
  known: Place[];
  fresh: Place[];
  mentioned: Place[];
}

function formatFace(
  { face, purpose, known, fresh, mentioned }: Face,
  declarations: Declarations,
  anchors: Anchors,
): string {
  const link = (place: Place) => `[${place.name}](#${anchors.find(place)})`;
  const isType = (place: Place) => declarations.find(place)?.isType ?? false;
  const values = fresh.filter((place) => !isType(place));
  const types = fresh.filter(isType);
  const lists = [
    values.length > 0 && `- functions and values: ${values.map(link).join(', ')}`,
    types.length > 0 && `- types: ${types.map(link).join(', ')}`,
    mentioned.length > 0 &&
      `- types that these mention, not exported by name: ${mentioned.map(link).join(', ')}`,
    known.length > 0 && `- and, described elsewhere on this page: ${known.map(link).join(', ')}`,
  ].filter((line) => line !== false);
  const entries = [...values, ...types, ...mentioned].map((place) => formatEntry(place, declarations));
  return [`## \`${face}\``, purpose, lists.join('\n'), ...entries].join('\n\n');
}

function formatEntry(place: Place, declarations: Declarations): string {
  const declaration = declarations.find(place);
  if (declaration === null) throw new Error(`${place.file} has no declaration of ${place.name}`);
  const { name, doc, texts } = declaration;
  const code = `\`\`\`ts\n${texts.join('\n').replaceAll(/^( {4})+/gm, (indent) => '  '.repeat(indent.length / 4))}\n\`\`\``;
  return [`### ${name}`, ...(doc === null ? [] : [escapeMarkup(doc)]), code].join('\n\n');
}

/** Outside of code, "<" would begin a tag. */
function escapeMarkup(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('');
}
