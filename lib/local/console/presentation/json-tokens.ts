/** A piece of JSON text, exactly as it is in the source. */
export interface Token {
  readonly kind: 'space' | 'string' | 'punctuation' | 'literal';
  readonly text: string;
  /**
   * The keys from the root to the value that this token is or begins, at most MAX_PATH_KEYS of them, each
   * shortened by `shortenKey`; null for any other token.
   */
  readonly path: readonly string[] | null;
}

interface Level {
  readonly array: boolean;
  /** In an object: the key whose value comes next. */
  key: string | null;
  /** In an array: the index of the next value. */
  index: number;
}

/**
 * The longest path and the longest key of a path. Every token repeats the path of the values around it:
 * without a limit, a body with deep nesting or a huge key would take more memory than there is.
 */
export const MAX_PATH_KEYS = 64;
export const MAX_KEY_LENGTH = 256;

/** Shortens a key for a path. A shortened key is longer than MAX_KEY_LENGTH by one character. */
export function shortenKey(key: string): string {
  return key.length > MAX_KEY_LENGTH ? `${key.slice(0, MAX_KEY_LENGTH)}…` : key;
}

/** Linear: each alternative begins with another character, so that no character is read twice. */
const TOKEN = /(\s+)|("(?:[^"\\]|\\.)*")|([{}[\],:])|([^\s{}[\],:"]+)/gy;

/** Splits JSON text into tokens; null when it is not JSON. The joined tokens are the same text. */
export function tokenizeJson(json: string): Token[] | null {
  if (!isJson(json)) return null;
  const levels: Level[] = [];
  const currentPath = (): string[] =>
    levels
      .slice(0, MAX_PATH_KEYS)
      .map((level) => (level.array ? String(level.index) : (level.key ?? '')));
  return [...json.matchAll(TOKEN)].map(([text, space, string, punctuation]): Token => {
    const level = levels.at(-1);
    if (space !== undefined) return { kind: 'space', text, path: null };
    if (punctuation === undefined) {
      const kind = string === undefined ? 'literal' : 'string';
      if (level?.array === false && level.key === null) {
        level.key = shortenKey(String(JSON.parse(text)));
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
