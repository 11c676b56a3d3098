import { parseAst } from 'vitest/node';

/** One change of a source file. */
export interface Mutant {
  readonly operator: Operator;
  /** Offsets of the text that is replaced. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** The kinds of change, as in the literature on mutation testing. */
export const OPERATORS = [
  'boundary',
  'comparison',
  'condition',
  'logical',
  'default value',
  'negation',
  'boolean',
  'number',
  'string',
  'null value',
  'arithmetic',
  'statement removed',
  'return value',
  'await removed',
  'method',
  'regex anchor',
  'element removed',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** A node of the syntax tree (ESTree with TypeScript's nodes). */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

const BOUNDARIES = new Map([
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
]);
const COMPARISONS = new Map([
  ['<', '>='],
  ['<=', '>'],
  ['>', '<='],
  ['>=', '<'],
  ['===', '!=='],
  ['!==', '==='],
]);
const ARITHMETIC = new Map([
  ['+', '-'],
  ['-', '+'],
  ['*', '/'],
  ['/', '*'],
  ['%', '*'],
]);
const METHODS = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
  ['push', 'unshift'],
  ['unshift', 'push'],
  ['find', 'findLast'],
  ['max', 'min'],
  ['min', 'max'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
  ['allSettled', 'all'],
]);
/** Methods whose result is like what they are called on, so that the call can be left out. */
const REMOVABLE_METHODS = new Set(
  'filter sort toSorted reverse trim toLowerCase toUpperCase slice replace replaceAll flat'.split(
    ' ',
  ),
);
/** What has no effect at run time, or is only a name. */
const SKIPPED_TYPES = /^(?:Import|ExportAll|TS(?!AsExpression|NonNull|Satisfies))/;
const SKIPPED_KEYS = new Set(
  'typeAnnotation typeParameters typeArguments returnType superTypeArguments decorators'.split(' '),
);

/**
 * Lists every single change of a TypeScript source that keeps it a program. Texts with a space are for
 * people and stay as they are; types and imports, too.
 */
export function findMutants(source: string): Mutant[] {
  const mutants: Mutant[] = [];
  const text = (node: Node): string => source.slice(node.start, node.end);
  const replace = (operator: Operator, node: Pick<Node, 'start' | 'end'>, replacement: string) => {
    mutants.push({ operator, start: node.start, end: node.end, replacement });
  };

  const addOperator = (
    operator: Operator,
    replacements: ReadonlyMap<string, string>,
    { left, right, operator: sign }: Node,
  ): void => {
    const other = typeof sign === 'string' ? replacements.get(sign) : undefined;
    if (other === undefined || typeof sign !== 'string' || !isNode(left) || !isNode(right)) return;
    const start = left.end + source.slice(left.end, right.start).indexOf(sign);
    replace(operator, { start, end: start + sign.length }, other);
  };

  const addCondition = (condition: unknown): void => {
    if (!isNode(condition)) return;
    replace('condition', condition, 'true');
    replace('condition', condition, 'false');
  };

  const add = (node: Node): void => {
    switch (node.type) {
      case 'BinaryExpression':
        addOperator('boundary', BOUNDARIES, node);
        addOperator('comparison', COMPARISONS, node);
        addOperator('arithmetic', ARITHMETIC, node);
        return;
      case 'LogicalExpression': {
        const { left, right, operator: sign } = node;
        if (!isNode(left) || !isNode(right)) return;
        const operator = sign === '??' ? 'default value' : 'logical';
        replace(operator, node, text(left));
        replace(operator, node, text(right));
        return;
      }
      case 'IfStatement':
      case 'ConditionalExpression':
        return addCondition(node['test']);
      case 'UnaryExpression':
        if (node['operator'] === '!' && isNode(node['argument']))
          replace('negation', node, text(node['argument']));
        return;
      case 'AwaitExpression':
        if (isNode(node['argument'])) replace('await removed', node, text(node['argument']));
        return;
      case 'ExpressionStatement':
        return replace('statement removed', node, ';');
      case 'ReturnStatement':
        if (isNode(node['argument'])) replace('return value', node['argument'], 'undefined');
        return;
      case 'Property':
        return addNullValue(node);
      case 'Literal':
        return addLiteral(node);
      case 'CallExpression':
        return addMethod(node);
      case 'ArrayExpression':
        return addShorterList(node);
    }
  };

  const addNullValue = ({ value, shorthand }: Node): void => {
    if (!isNode(value) || shorthand === true) return;
    if (/Function|Pattern$/.test(value.type) || text(value) === 'null') return;
    replace('null value', value, 'null');
  };

  const addLiteral = (node: Node): void => {
    const { value } = node;
    if (node['regex'] !== undefined) {
      const pattern = text(node);
      if (pattern.startsWith('/^')) replace('regex anchor', node, `/${pattern.slice(2)}`);
      if (/\$\/[a-z]*$/.test(pattern))
        replace('regex anchor', node, pattern.replace(/\$(\/[a-z]*)$/, '$1'));
    } else if (typeof value === 'boolean') {
      replace('boolean', node, String(!value));
    } else if (typeof value === 'number') {
      replace('number', node, String(value + 1));
      if (value > 0) replace('number', node, String(value - 1));
    } else if (typeof value === 'string' && !value.includes(' ')) {
      replace('string', node, value === '' ? "'changed'" : "''");
    }
  };

  const addMethod = ({ callee, start, end }: Node): void => {
    if (!isNode(callee) || callee.type !== 'MemberExpression') return;
    const { object, property } = callee;
    if (!isNode(object) || !isNode(property)) return;
    const name = text(property);
    const other = METHODS.get(name);
    if (other !== undefined) replace('method', property, other);
    if (REMOVABLE_METHODS.has(name)) replace('method', { start, end }, text(object));
  };

  const addShorterList = ({ elements, start, end }: Node): void => {
    const all = (Array.isArray(elements) ? elements : []).filter(isNode);
    all.forEach((_, index) => {
      const others = all.filter((__, other) => other !== index).map(text);
      replace('element removed', { start, end }, `[${others.join(', ')}]`);
    });
  };

  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value) || SKIPPED_TYPES.test(value.type) || isReexport(value)) return;
    add(value);
    for (const [key, inner] of Object.entries(value)) {
      const isName = key === 'key' && value['computed'] !== true;
      if (!isName && !SKIPPED_KEYS.has(key)) visit(inner);
    }
  };
  visit(parseAst(source, { lang: 'ts' }));
  return mutants;
}

function isReexport({ type, source: from }: Node): boolean {
  return type === 'ExportNamedDeclaration' && isNode(from);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** Applies a change. */
export function applyMutant(source: string, { start, end, replacement }: Mutant): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

/** The changed lines, as in a diff, with the number of the first. */
export function describeMutant(source: string, mutant: Mutant): { line: number; diff: string } {
  const before = source.split('\n');
  const after = applyMutant(source, mutant).split('\n');
  const first = before.findIndex((text, index) => text !== after[index]);
  const same = before.toReversed().findIndex((text, index) => text !== after.at(-1 - index));
  const pick = (lines: readonly string[], sign: string): string[] =>
    lines
      .slice(first, Math.max(first + 1, lines.length - same))
      .map((text) => `${sign} ${text.trim()}`);
  return { line: first + 1, diff: [...pick(before, '-'), ...pick(after, '+')].join('\n') };
}
