/** Rules about time in tests: a test that sleeps is slow on a fast machine, and fails on a slow one. */
import type { Node } from 'oxc-parser';
import { findNodes, type Rule, type SourceFile } from './source-file.js';

/** Tests that are about a moment or a time, and why nothing else would do. */
const ABOUT_TIME: Readonly<Record<string, string>> = {
  'test/faults/kill-loop.test.ts': 'the moment of a kill is drawn by chance',
  'src/storage/session/timeouts.test.ts': 'a process that is busy for longer than its time limit',
};

function waitOf(node: Node, ancestors: readonly Node[]): string | null {
  if (node.type === 'ImportDeclaration' && /^(node:)?timers(\/promises)?$/.test(node.source.value))
    return 'imports a timer';
  if (node.type === 'MemberExpression' && node.object.type === 'Identifier' && node.object.name === 'Atomics')
    return 'stops its thread';
  const isPromised = ancestors.some(
    (above) =>
      above.type === 'NewExpression' && above.callee.type === 'Identifier' && above.callee.name === 'Promise',
  );
  const isTimer =
    node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'setTimeout';
  return isPromised && isTimer ? 'waits for a timer' : null;
}

function findWaits(files: readonly SourceFile[]): string[] {
  return findNodes(files, (node, _file, ancestors) => {
    const wait = waitOf(node, ancestors);
    return wait === null ? null : `${wait}: wait for the state that you need (waitFor), or for an event`;
  });
}

export const WAIT_RULES: readonly Rule[] = [
  {
    name: 'a test waits for a state or an event, not for a time',
    check: (files) => {
      const tests = files.filter(({ path }) => path.endsWith('.test.ts'));
      const idle = tests.filter(
        ({ path }) => path in ABOUT_TIME && findWaits(files.filter((f) => f.path === path)).length === 0,
      );
      return [
        ...findWaits(tests.filter(({ path }) => !(path in ABOUT_TIME))),
        ...idle.map(({ path }) => `${path}:1 does not sleep any more: take it out of ABOUT_TIME`),
      ];
    },
  },
];
