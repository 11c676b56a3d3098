import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** A row of a table. */
export type Item = { [name: string]: AttributeValue };
/** The names and values that an expression refers to. */
export interface Placeholders {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

type Evaluate<Result> = (item: Item, placeholders: Placeholders) => Result;
type Operand = Evaluate<AttributeValue | undefined>;

const TOKENS = /\s*(<>|<=|>=|[=<>(),+-]|[:#]?[A-Za-z_][A-Za-z_0-9]*)/y;
const COMPARATORS: { readonly [name: string]: (order: number) => boolean } = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/**
 * Compiles a condition expression of DynamoDB (Developer Guide, "Condition and filter expressions,
 * operators, and functions"), as far as lib/deliveries needs it. @throws Error for anything else
 */
export function compileCondition(text: string): Evaluate<boolean> {
  const tokens = new Tokens(text);
  const condition = parseOr(tokens);
  tokens.expectEnd();
  return condition;
}

/** Compiles an update expression: the function changes the item. @throws Error for what it does not know */
export function compileUpdate(text: string): Evaluate<void> {
  const tokens = new Tokens(text);
  const actions: Action[] = [];
  while (!tokens.isAtEnd()) {
    const clause = tokens.next();
    do actions.push(parseAction(tokens, clause));
    while (tokens.accept(','));
  }
  return (item, placeholders) => {
    const before = { ...item };
    for (const change of actions) change(before, item, placeholders);
  };
}

/** Changes `after`. Its operands see the item as it was before all changes. */
type Action = (before: Item, after: Item, placeholders: Placeholders) => void;

function parseAction(tokens: Tokens, clause: string): Action {
  const path = tokens.next();
  switch (clause) {
    case 'SET': {
      tokens.expect('=');
      const value = parseValue(tokens);
      return (before, after, placeholders) => {
        const result = value(before, placeholders);
        if (result === undefined) throw new Error(`An update has no value for ${path}`);
        after[resolve(path, placeholders)] = result;
      };
    }
    case 'REMOVE':
      return (_, after, placeholders) => void delete after[resolve(path, placeholders)];
    case 'ADD':
    case 'DELETE': {
      const value = parseOperand(tokens);
      return (before, after, placeholders) => {
        const name = resolve(path, placeholders);
        const changed = value(before, placeholders)?.NS;
        if (changed === undefined) throw new Error(`${clause} of no set of numbers to ${path}`);
        const kept = (before[name]?.NS ?? []).filter((entry) => !changed.includes(entry));
        const entries = clause === 'ADD' ? [...kept, ...changed] : kept;
        if (entries.length > 0) after[name] = { NS: entries };
        else delete after[name];
      };
    }
    default:
      throw new Error(`An update clause that the model does not know: ${clause}`);
  }
}

class Tokens {
  readonly #tokens: string[] = [];
  #place = 0;

  constructor(text: string) {
    TOKENS.lastIndex = 0;
    const end = text.trimEnd().length;
    while (TOKENS.lastIndex < end) {
      const start = TOKENS.lastIndex;
      const token = TOKENS.exec(text)?.[1];
      if (token === undefined) {
        throw new Error(`The model cannot read this expression: ${text.slice(start)}`);
      }
      this.#tokens.push(token);
    }
  }

  isAtEnd(): boolean {
    return this.#place >= this.#tokens.length;
  }

  peek(): string {
    return this.#tokens[this.#place] ?? '';
  }

  next(): string {
    const token = this.peek();
    this.#place += 1;
    return token;
  }

  accept(token: string): boolean {
    if (this.peek() !== token) return false;
    this.#place += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.accept(token)) throw new Error(`Expected ${token} and got ${this.peek()}`);
  }

  expectEnd(): void {
    if (!this.isAtEnd()) throw new Error(`Unexpected ${this.peek()}`);
  }
}

function parseOr(tokens: Tokens): Evaluate<boolean> {
  let left = parseAnd(tokens);
  while (tokens.accept('OR')) {
    const [one, other] = [left, parseAnd(tokens)];
    left = (item, placeholders) => one(item, placeholders) || other(item, placeholders);
  }
  return left;
}

function parseAnd(tokens: Tokens): Evaluate<boolean> {
  let left = parseNot(tokens);
  while (tokens.accept('AND')) {
    const [one, other] = [left, parseNot(tokens)];
    left = (item, placeholders) => one(item, placeholders) && other(item, placeholders);
  }
  return left;
}

function parseNot(tokens: Tokens): Evaluate<boolean> {
  if (tokens.accept('NOT')) {
    const condition = parseNot(tokens);
    return (item, placeholders) => !condition(item, placeholders);
  }
  if (tokens.accept('(')) {
    const condition = parseOr(tokens);
    tokens.expect(')');
    return condition;
  }
  if (tokens.peek() === 'attribute_exists' || tokens.peek() === 'attribute_not_exists') {
    const expectsValue = tokens.next() === 'attribute_exists';
    tokens.expect('(');
    const path = tokens.next();
    tokens.expect(')');
    return (item, placeholders) =>
      (item[resolve(path, placeholders)] !== undefined) === expectsValue;
  }
  return parseComparison(tokens);
}

function parseComparison(tokens: Tokens): Evaluate<boolean> {
  const left = parseOperand(tokens);
  const comparator = tokens.next();
  if (comparator === 'IN') {
    tokens.expect('(');
    const choices: Operand[] = [];
    do choices.push(parseOperand(tokens));
    while (tokens.accept(','));
    tokens.expect(')');
    return (item, placeholders) => {
      const value = left(item, placeholders);
      return choices.some((choice) => compare(value, choice(item, placeholders)) === 0);
    };
  }
  const isMet = COMPARATORS[comparator];
  if (isMet === undefined)
    throw new Error(`A comparator that the model does not know: ${comparator}`);
  const right = parseOperand(tokens);
  return (item, placeholders) => {
    const [one, other] = [left(item, placeholders), right(item, placeholders)];
    // "<>" holds for an attribute that is missing, no other comparator does
    if (one === undefined || other === undefined) return comparator === '<>';
    const order = compare(one, other);
    return order === null ? comparator === '<>' : isMet(order);
  };
}

function parseValue(tokens: Tokens): Operand {
  const left = parseOperand(tokens);
  for (const sign of ['+', '-'] as const) {
    if (!tokens.accept(sign)) continue;
    const right = parseOperand(tokens);
    return (item, placeholders) => {
      const [one, other] = [left(item, placeholders)?.N, right(item, placeholders)?.N];
      if (one === undefined || other === undefined) return undefined;
      return {
        N: String(sign === '+' ? Number(one) + Number(other) : Number(one) - Number(other)),
      };
    };
  }
  return left;
}

function parseOperand(tokens: Tokens): Operand {
  const token = tokens.next();
  if (token === 'if_not_exists') {
    tokens.expect('(');
    const path = tokens.next();
    tokens.expect(',');
    const fallback = parseOperand(tokens);
    tokens.expect(')');
    return (item, placeholders) =>
      item[resolve(path, placeholders)] ?? fallback(item, placeholders);
  }
  if (token.startsWith(':')) {
    return (_, { values }) => {
      const value = values[token];
      if (value === undefined) throw new Error(`An expression names ${token}, which has no value`);
      return value;
    };
  }
  if (tokens.peek() === '(') throw new Error(`A function that the model does not know: ${token}`);
  return (item, placeholders) => item[resolve(token, placeholders)];
}

function resolve(path: string, { names }: Placeholders): string {
  if (!path.startsWith('#')) return path;
  const name = names[path];
  if (name === undefined) throw new Error(`An expression names ${path}, which has no name`);
  return name;
}

/** Null when the two have other types, and so no order. */
function compare(
  one: AttributeValue | undefined,
  other: AttributeValue | undefined,
): number | null {
  if (one?.S !== undefined && other?.S !== undefined)
    return one.S < other.S ? -1 : one.S > other.S ? 1 : 0;
  if (one?.N !== undefined && other?.N !== undefined) return Number(one.N) - Number(other.N);
  if (one?.BOOL !== undefined && other?.BOOL !== undefined)
    return one.BOOL === other.BOOL ? 0 : null;
  if (one?.NS !== undefined && other?.NS !== undefined) {
    const [left, right] = [new Set(one.NS.map(Number)), new Set(other.NS.map(Number))];
    return left.size === right.size && [...left].every((entry) => right.has(entry)) ? 0 : null;
  }
  return null;
}
