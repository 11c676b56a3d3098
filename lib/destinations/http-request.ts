import { serializeMessage } from '../platform/sqs-message.ts';

/** The text of a request's body, with its media type. */
export interface RequestBody {
  readonly type: string;
  readonly text: string;
}

/** What the option `request` of an HTTP destination returns for a record. */
export interface HttpRequest {
  /** POST by default. */
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET';
  /**
   * Appended to the destination's address; begins with a slash. Use `encodeURIComponent` for parts that
   * come from a record. A delivery whose path would lead elsewhere, as with the id `..`, is rejected.
   */
  readonly path?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: RequestBody;
}

/** What `request` returns when no request can be made from a record: a permanent failure with that reason. */
export interface Undeliverable {
  readonly undeliverable: string;
}

/**
 * States that no request can be made from this record, now or later:
 * `return undeliverable('no e-mail to mail to')`. The delivery becomes a dead letter with that reason.
 */
export function undeliverable(reason: string): Undeliverable {
  return { undeliverable: reason };
}

/** Creates a JSON body. */
export function json(value: unknown): RequestBody {
  return { type: 'application/json', text: serializeMessage(value) };
}

/** Creates a form body (application/x-www-form-urlencoded) without the fields that are null. */
export function form(fields: { readonly [name: string]: string | number | null }): RequestBody {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(omitNulls(fields))) pairs.set(name, String(value));
  return { type: 'application/x-www-form-urlencoded', text: pairs.toString() };
}

/** Returns the value of an `authorization` header for HTTP Basic (RFC 7617). */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** Returns the value of an `authorization` header for a bearer token (RFC 6750). */
export function bearer(token: string): string {
  return `Bearer ${token}`;
}

/**
 * Copies an object without its keys that are null: many receivers delete a value that is sent as null.
 * Nested objects stay as they are.
 */
export function omitNulls<Value>(object: { readonly [key: string]: Value }): {
  [key: string]: NonNullable<Value>;
} {
  const entries: [string, NonNullable<Value>][] = [];
  for (const [key, value] of Object.entries(object)) {
    if (value !== null && value !== undefined) entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

/** The URL parser drops tabs and line breaks, in the query too (URL standard, section 4.4). */
const CONTROL_CHARACTER = /\p{Cc}/u;
const ENCODED_DOT = /%2e/gi;
const ENCODED_SLASH = /%(?:2f|5c)/gi;

/**
 * Appends a request's path to the destination's address. The query of the address is kept, and the path's
 * own query is added to it.
 * @returns null when the path could lead to another resource than the merchant's code means
 */
export function resolveUrl(base: URL, path: string | undefined): URL | null {
  const resolved = new URL(base);
  resolved.hash = '';
  if (path === undefined) return resolved;
  const [pathname = '', ...query] = path.split('?');
  if (CONTROL_CHARACTER.test(path) || !isPlainPath(pathname)) return null;
  resolved.pathname = resolved.pathname.replace(/\/$/, '') + pathname;
  resolved.search = [resolved.search.slice(1), query.join('?')]
    .filter((part) => part !== '')
    .join('&');
  return resolved;
}

/**
 * Checks whether a path has only segments that name something. The URL parser removes the segments `.`
 * and `..` together with what is before them, encoded ones too, so this is judged before parsing. Some
 * servers decode an encoded slash first, or merge two slashes into one.
 */
function isPlainPath(path: string): boolean {
  // the URL parser reads a backslash as a slash
  if (!path.startsWith('/') || path.includes('\\')) return false;
  const inner = path.slice(1).split('/').slice(0, -1);
  const parts = path.replace(ENCODED_DOT, '.').replace(ENCODED_SLASH, '/').split('/');
  return !inner.includes('') && !parts.includes('.') && !parts.includes('..');
}
