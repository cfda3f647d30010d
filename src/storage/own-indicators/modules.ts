/** The files that "indicators" of barwright.config.json names, and the kinds that they define. */
import type { IndicatorKind } from '../../domain/indicators/parts/kind.js';
import { loadModule, type OwnModule, versionOf } from './own-kind.js';

let configured: readonly string[] = [];

/** What became of a file with this content: a file that cannot be used is not tried again until it changes. */
interface Tried {
  version: number;
  outcome: OwnModule | Error;
}
const tried = new Map<string, Tried>();

/** Says which files there are, as absolute paths. They are loaded when an indicator of theirs is asked for. */
export function configureModules(paths: readonly string[]): void {
  configured = [...new Set(paths)];
}

/** The files that were configured. */
export function configuredModules(): readonly string[] {
  return configured;
}

/** What the files are, as one text: where it is another one, the same names may mean other numbers. */
export function fingerprintModules(): string {
  return configured
    .map((path) => tryVersion(path))
    .sort()
    .join(' ');
}

function tryVersion(path: string): string {
  try {
    return String(versionOf(path));
  } catch {
    return 'unreadable';
  }
}

/** One file, and what it defines. */
export interface OwnFile {
  path: string;
  /** null: it cannot be used. */
  kind: IndicatorKind | null;
  /** Why it cannot be used, as a sentence without the path; null: it can. */
  why: string | null;
}

/** Loads the files that are new or have changed. Never throws. */
export function loadOwnFiles(): OwnFile[] {
  const names = new Set<string>();
  return configured.map((path): OwnFile => {
    try {
      const { kind } = loadOnce(path);
      if (names.has(kind.name))
        throw new Error(`indicator.name: another file defines "${kind.name}" already; give it another name`);
      names.add(kind.name);
      return { path, kind, why: null };
    } catch (error) {
      return { path, kind: null, why: (error as Error).message };
    }
  });
}

/** The kinds of all files, and a sentence about each file that defines none. */
export interface OwnKinds {
  kinds: IndicatorKind[];
  faults: string[];
}

/** What loadOwnFiles finds, put together. */
export function loadOwnKinds(): OwnKinds {
  const files = loadOwnFiles();
  return {
    kinds: files.flatMap(({ kind }) => kind ?? []),
    faults: files.flatMap(({ path, why }) => (why === null ? [] : [`${path} cannot be used: ${why}`])),
  };
}

function loadOnce(path: string): OwnModule {
  const version = versionOf(path);
  let known = tried.get(path);
  if (known?.version !== version) {
    if (known !== undefined && !(known.outcome instanceof Error)) known.outcome.close();
    known = { version, outcome: tryModule(path) };
    tried.set(path, known);
  }
  if (known.outcome instanceof Error) throw known.outcome;
  return known.outcome;
}

function tryModule(path: string): OwnModule | Error {
  try {
    return loadModule(path);
  } catch (error) {
    return error as Error;
  }
}
