/** Whether a query can be answered shard by shard: every join of asset tables in it is on the distribution column. */
import { loadModule, parseSync } from 'libpg-query';

/** Nodes of PostgreSQL's own parse tree. */
type Node = Record<string, unknown>;

/** One select and those around it: aliases of theirs that hold rows of assets, or stand for one asset. */
interface Scope {
  outer: Scope | null;
  /** Relations and subqueries of this select with rows of assets. */
  assets: Set<string>;
  /** What is known to be of the same asset; keys are "depth.alias", and "one.…" for an argument or a constant. */
  same: Map<string, string>;
  depth: number;
  /** Is in an expression: then rows of one given asset will do, whatever is around. */
  isExpression: boolean;
}

const ONE = 'one.';

export interface JoinRules {
  /** Whether a relation holds rows of assets. */
  isAsset: (relation: string) => boolean;
  column: string;
}

await loadModule();

/** What is joined on something else, in words; nothing when the query may be pushed down. */
export function listCrossJoins(sql: string, rules: JoinRules): string[] {
  const { stmts = [] } = parseSync(sql) as { stmts?: { stmt?: Node }[] };
  const found: string[] = [];
  for (const { stmt } of stmts) checkStatement(stmt as Node, { rules, found });
  return found;
}

interface Check {
  rules: JoinRules;
  found: string[];
  /** What is looked at is in an expression. */
  isExpression?: boolean;
}

function checkStatement(stmt: Node, check: Check): void {
  const select = stmt.SelectStmt as Node | undefined;
  if (select === undefined) check.found.push(`not a select: ${Object.keys(stmt).join()}`);
  else checkSelect(select, null, check);
}

/** Returns whether the select has rows of assets. */
function checkSelect(select: Node, outer: Scope | null, given: Check): boolean {
  const { isExpression = false, ...check } = given;
  if (select.withClause !== undefined)
    check.found.push('a common table expression, which is not looked into');
  if (select.larg !== undefined) {
    const [left, right] = [select.larg, select.rarg].map((arm) => checkSelect(arm as Node, outer, given));
    return left === true || right === true;
  }
  const depth = outer === null ? 0 : outer.depth + 1;
  const scope: Scope = { outer, assets: new Set(), same: new Map(), depth, isExpression };
  const quals: Node[] = select.whereClause === undefined ? [] : [select.whereClause as Node];
  const inner: (() => void)[] = [];
  for (const item of (select.fromClause as Node[] | undefined) ?? [])
    takeItem(item, { scope, quals, inner, check });
  for (const qual of quals) takeEqualities(qual, scope, check.rules.column);
  for (const look of inner) look();
  for (const part of [select.targetList, select.whereClause, select.havingClause, quals])
    checkSublinks(part, scope, check);
  checkAllOfOne(scope, check);
  return scope.assets.size > 0;
}

interface Taking {
  scope: Scope;
  quals: Node[];
  inner: (() => void)[];
  check: Check;
}

function aliasOf(node: Node, fallback: string): string {
  return ((node.alias as Node | undefined)?.aliasname as string | undefined) ?? fallback;
}

function takeItem(item: Node, taking: Taking): void {
  const { scope, quals, check } = taking;
  const [kind = '', value] = Object.entries(item)[0] ?? [];
  const node = value as Node;
  if (kind === 'JoinExpr') {
    takeItem(node.larg as Node, taking);
    takeItem(node.rarg as Node, taking);
    if (node.quals !== undefined) quals.push(node.quals as Node);
    if (node.usingClause !== undefined) check.found.push('join using, which is not looked into');
  } else if (kind === 'RangeVar') {
    const name = node.relname as string;
    if (check.rules.isAsset(name)) scope.assets.add(aliasOf(node, name));
  } else if (kind === 'RangeSubselect') {
    const query = (node.subquery as Node).SelectStmt as Node;
    // A lateral subquery is looked into when the equalities here are known.
    if (node.lateral === true) taking.inner.push(() => checkSelect(query, scope, check));
    else takeSubquery(query, aliasOf(node, '?'), taking);
  } else if (kind !== 'RangeFunction') check.found.push(`${kind}, which is not looked into`);
}

/** A subquery of all assets is one more relation here; one that is tied to a select around this one is of that asset. */
function takeSubquery(query: Node, alias: string, { scope, inner, check }: Taking): void {
  const around: Check = { rules: check.rules, found: [] };
  if (!checkSelect(query, scope.outer, around)) return;
  if (hasAssets(scope.outer) && around.found.length === 0) return;
  scope.assets.add(alias);
  inner.push(() => checkSelect(query, null, check));
}

function hasAssets(scope: Scope | null): boolean {
  return scope !== null && (scope.assets.size > 0 || hasAssets(scope.outer));
}

function equalitySides(node: Node): [Node, Node] | null {
  const expression = node.A_Expr as Node | undefined;
  const [name] = (expression?.name as { String?: { sval?: string } }[] | undefined) ?? [];
  if (expression === undefined || name?.String?.sval !== '=' || expression.kind !== 'AEXPR_OP') return null;
  return [expression.lexpr as Node, expression.rexpr as Node];
}

function takeEqualities(qual: Node, scope: Scope, column: string): void {
  const all = qual.BoolExpr as Node | undefined;
  if (all?.boolop === 'AND_EXPR') for (const arg of all.args as Node[]) takeEqualities(arg, scope, column);
  const sides = equalitySides(qual);
  if (sides === null) return;
  const [left, right] = sides.map((side) => ownerOf(side, scope, column));
  if (left != null && right != null) unite(scope, left, right);
}

/** Whose distribution column an expression is: "depth.alias", or of a parameter or constant; null: of nobody. */
function ownerOf(expression: Node, scope: Scope, column: string): string | null {
  const fields = (expression.ColumnRef as Node | undefined)?.fields as
    | { String?: { sval?: string } }[]
    | undefined;
  if (fields === undefined) return constantOf(expression);
  const names = fields.map((field) => field.String?.sval ?? '');
  if (names.at(-1) !== column) return null;
  const [alias] = names.length > 1 ? names : [[...scope.assets][0] ?? ''];
  for (let at: Scope | null = scope; at !== null; at = at.outer)
    if (at.assets.has(alias ?? '')) return `${at.depth}.${alias}`;
  // Qualified by a function's name it is that function's argument: one asset.
  return names.length > 1 ? `${ONE}${names.join('.')}` : null;
}

function constantOf({ A_Const: constant, ParamRef: parameter }: Node): string | null {
  if (constant === undefined && parameter === undefined) return null;
  const text = JSON.stringify(constant ?? parameter, (key, value: unknown) =>
    key === 'location' ? 0 : value,
  );
  return `${ONE}${text}`;
}

function rootOf(scope: Scope, key: string): string {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const next = at.same.get(key);
    if (next !== undefined) return rootOf(scope, next);
  }
  return key;
}

function unite(scope: Scope, a: string, b: string): void {
  const [left, right] = [rootOf(scope, a), rootOf(scope, b)];
  if (left === right) return;
  if (left.startsWith(ONE)) scope.same.set(right, left);
  else scope.same.set(left, right);
}

/** All relations of a select, and one of the selects around it where it depends on them, are of the same asset. */
function checkAllOfOne(scope: Scope, check: Check): void {
  const own = [...scope.assets].map((alias) => ({ alias, root: rootOf(scope, `${scope.depth}.${alias}`) }));
  const around: string[] = [];
  for (let at = scope.outer; at !== null; at = at.outer)
    for (const alias of at.assets) around.push(rootOf(scope, `${at.depth}.${alias}`));
  const [first] = own;
  if (first === undefined) return;
  const wanted = around.length === 0 ? [first.root] : around;
  for (const { alias, root } of own)
    if (!wanted.includes(root) && !(scope.isExpression && root.startsWith(ONE)))
      check.found.push(`${alias} is not joined on ${check.rules.column}`);
}

/** Subqueries in expressions. */
function checkSublinks(part: unknown, scope: Scope, check: Check): void {
  if (Array.isArray(part)) for (const each of part) checkSublinks(each, scope, check);
  else if (part !== null && typeof part === 'object') {
    const sublink = (part as Node).SubLink as Node | undefined;
    if (sublink !== undefined)
      checkSelect((sublink.subselect as Node).SelectStmt as Node, scope, { ...check, isExpression: true });
    else for (const value of Object.values(part)) checkSublinks(value, scope, check);
  }
}
