/** A piece of JSON text, exactly as it is in the source. */
export interface Token {
  readonly kind: 'space' | 'string' | 'punctuation' | 'literal';
  readonly text: string;
  /** The keys from the root to the value that this token is or begins; null for any other token. */
  readonly path: readonly string[] | null;
}

interface Level {
  readonly array: boolean;
  /** In an object: the key whose value comes next. */
  key: string | null;
  /** In an array: the index of the next value. */
  index: number;
}

const TOKEN = /(\s+)|("(?:[^"\\]|\\.)*")|([{}[\],:])|([^\s{}[\],:"]+)/gy;

/** Splits JSON text into tokens; null when it is not JSON. The joined tokens are the same text. */
export function tokenizeJson(json: string): Token[] | null {
  if (!isJson(json)) return null;
  const levels: Level[] = [];
  const currentPath = (): string[] =>
    levels.map((level) => (level.array ? String(level.index) : (level.key ?? '')));
  return [...json.matchAll(TOKEN)].map(([text, space, string, punctuation]): Token => {
    const level = levels.at(-1);
    if (space !== undefined) return { kind: 'space', text, path: null };
    if (punctuation === undefined) {
      const kind = string === undefined ? 'literal' : 'string';
      if (level?.array === false && level.key === null) {
        level.key = String(JSON.parse(text));
        return { kind, text, path: null };
      }
      return { kind, text, path: currentPath() };
    }
    const path = text === '{' || text === '[' ? currentPath() : null;
    if (path !== null) levels.push({ array: text === '[', key: null, index: 0 });
    if (text === '}' || text === ']') levels.pop();
    if (text === ',' && level !== undefined) {
      level.index += 1;
      level.key = null;
    }
    return { kind: 'punctuation', text, path };
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
