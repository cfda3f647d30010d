/** Edits of TypeScript, by its syntax tree. Types, messages of errors and limits of time and size are left alone. */
import type { Node } from 'oxc-parser';
import { type SourceFile, walk } from '../../test/support/house/source-file.js';
import type { Edit } from './mutant.js';
import { editsOfSql } from './sql-edits.js';

const COMPARISONS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
};
const ARITHMETIC: Readonly<Record<string, string>> = { '+': '-', '-': '+', '*': '/', '/': '*', '%': '*' };
const METHODS: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};
/** Calls whose removal leaves their object: `rows.filter(f)` becomes `rows`. */
const PASSED_OVER = ['filter', 'sort', 'toSorted', 'reverse', 'toReversed', 'trim', 'slice'];
/** A number that says how long or how much: another one gives the same results. */
const LIMITS =
  /(?:_MS|_SEC|_SECONDS|_BYTES|_LIMIT|TIMEOUT|PAUSE|CHUNK|BLOCK|_SIZE|ATTEMPTS|CACHE|POOL|WIDTH|COLUMNS)/;
const TRANSPARENT = ['TSAsExpression', 'TSNonNullExpression', 'TSSatisfiesExpression'];
const SQL = /\b(?:select|insert into|update|delete from|from|where|join)\b/;

/** All edits of a file that could change what it does. */
export function editsOfScript(file: SourceFile): Edit[] {
  const edits: Edit[] = [];
  walk(file, (node, ancestors) => {
    if (!isCode(node, ancestors)) return;
    edits.push(...editsOfNode(file, node, ancestors));
  });
  return edits;
}

function isCode(node: Node, ancestors: readonly Node[]): boolean {
  return [...ancestors, node].every((each) => {
    if (each.type.startsWith('TS')) return TRANSPARENT.includes(each.type);
    if (each.type === 'VariableDeclarator' && each.id.type === 'Identifier')
      return !LIMITS.test(each.id.name);
    return !['ThrowStatement', 'ImportDeclaration', 'ExportAllDeclaration'].includes(each.type);
  });
}

function editsOfNode(file: SourceFile, node: Node, ancestors: readonly Node[]): Edit[] {
  const text = ({ start, end }: Node) => file.text.slice(start, end);
  const whole = (operator: string, replacement: string): Edit[] => [
    { start: node.start, end: node.end, replacement, operator },
  ];
  switch (node.type) {
    case 'BinaryExpression':
      return editsOfBinary(file, node);
    case 'LogicalExpression':
      if (node.operator === '??') return whole('default removed', text(node.left));
      return [
        between(file, node, { operator: 'logic', replacement: node.operator === '&&' ? '||' : '&&' }),
        ...whole('left side only', text(node.left)),
        ...whole('right side only', text(node.right)),
      ];
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
      return [{ ...node.test, operator: 'condition negated', replacement: `!(${text(node.test)})` }].map(
        editOf,
      );
    case 'ExpressionStatement':
      return ancestors.at(-1)?.type === 'Program' ? [] : whole('statement removed', ';');
    case 'Literal':
      return editsOfLiteral(node, ancestors).flatMap((replacement) => whole('literal', replacement));
    case 'CallExpression':
      return editsOfCall(file, node);
    case 'ArrayExpression':
      return node.elements.length < 2 ? [] : node.elements.flatMap((_, at) => dropElement(node.elements, at));
    case 'TemplateLiteral':
      return editsOfTemplate(file, node);
    default:
      return [];
  }
}

const editOf = ({ start, end, operator, replacement }: Edit): Edit => ({ start, end, operator, replacement });

/** An edit of the operator that stands between two operands. */
function between(
  file: SourceFile,
  node: Extract<Node, { type: 'BinaryExpression' | 'LogicalExpression' }>,
  { operator, replacement }: Pick<Edit, 'operator' | 'replacement'>,
): Edit {
  const start = file.text.indexOf(node.operator, node.left.end);
  return { start, end: start + node.operator.length, operator, replacement };
}

function editsOfBinary(file: SourceFile, node: Extract<Node, { type: 'BinaryExpression' }>): Edit[] {
  const isText = [node.left, node.right].some(
    (side) => side.type === 'TemplateLiteral' || (side.type === 'Literal' && typeof side.value === 'string'),
  );
  const compared = COMPARISONS[node.operator];
  if (compared !== undefined) return [between(file, node, { operator: 'comparison', replacement: compared })];
  const calculated = ARITHMETIC[node.operator];
  if (calculated === undefined || isText) return [];
  return [between(file, node, { operator: 'arithmetic', replacement: calculated })];
}

function editsOfLiteral(node: Extract<Node, { type: 'Literal' }>, ancestors: readonly Node[]): string[] {
  const parent = ancestors.at(-1);
  if (parent?.type === 'Property' && parent.key === (node as Node)) return [];
  if (typeof node.value === 'boolean') return [String(!node.value)];
  if (typeof node.value === 'number') return [String(node.value + 1)];
  return [];
}

function editsOfCall(file: SourceFile, node: Extract<Node, { type: 'CallExpression' }>): Edit[] {
  const { callee } = node;
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return [];
  const { property, object } = callee;
  const swapped = METHODS[property.name];
  if (swapped !== undefined)
    return [{ start: property.start, end: property.end, replacement: swapped, operator: 'method' }];
  if (!PASSED_OVER.includes(property.name)) return [];
  const kept = file.text.slice(object.start, object.end);
  return [{ start: node.start, end: node.end, replacement: kept, operator: `${property.name} removed` }];
}

function dropElement(elements: readonly (Node | null)[], at: number): Edit[] {
  const [element, next, previous] = [elements[at], elements[at + 1], elements[at - 1]];
  if (!element) return [];
  const start = next || !previous ? element.start : previous.end;
  const end = next ? next.start : element.end;
  return [{ start, end, replacement: '', operator: 'element removed' }];
}

/** SQL in a template: only in storage, which alone has any. */
function editsOfTemplate(file: SourceFile, node: Extract<Node, { type: 'TemplateLiteral' }>): Edit[] {
  if (!file.path.startsWith('src/storage/')) return [];
  const whole = file.text.slice(node.start, node.end);
  if (!SQL.test(whole)) return [];
  return node.quasis.flatMap((quasi) => {
    const raw = quasi.value.raw;
    const offset = file.text.indexOf(raw, quasi.start);
    return editsOfSql(raw).map((edit) => ({
      ...edit,
      start: edit.start + offset,
      end: edit.end + offset,
      operator: `SQL ${edit.operator}`,
    }));
  });
}
