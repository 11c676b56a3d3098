/** A piece of JSON text, exactly as it was written. */
export interface Token {
  readonly kind: 'space' | 'string' | 'mark' | 'literal';
  readonly text: string;
  /** The keys that lead to the value that this token is or begins; null for everything else. */
  readonly path: readonly string[] | null;
}

interface Level {
  readonly array: boolean;
  /** The key whose value comes next, or the place in the array. */
  key: string | null;
  index: number;
}

const TOKEN = /(\s+)|("(?:[^"\\]|\\.)*")|([{}[\],:])|([^\s{}[\],:"]+)/gy;

/** Cuts JSON text into pieces; null when it is no JSON. Joined again they are the same text. */
export function jsonTokens(json: string): Token[] | null {
  if (!isJson(json)) return null;
  const levels: Level[] = [];
  const pathHere = (): string[] =>
    levels.map((level) => (level.array ? String(level.index) : (level.key ?? '')));
  return [...json.matchAll(TOKEN)].map(([text, space, string, mark]): Token => {
    const level = levels.at(-1);
    if (space !== undefined) return { kind: 'space', text, path: null };
    if (mark === undefined) {
      const kind = string === undefined ? 'literal' : 'string';
      if (level?.array === false && level.key === null) {
        level.key = String(JSON.parse(text));
        return { kind, text, path: null };
      }
      return { kind, text, path: pathHere() };
    }
    const path = text === '{' || text === '[' ? pathHere() : null;
    if (path !== null) levels.push({ array: text === '[', key: null, index: 0 });
    if (text === '}' || text === ']') levels.pop();
    if (text === ',' && level !== undefined) {
      level.index += 1;
      level.key = null;
    }
    return { kind: 'mark', text, path };
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
