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
   * come from a record.
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

/**
 * Appends a request's path to the destination's address.
 * @throws PathError when the path does not begin with a slash, or leads out of the address
 */
export function resolveUrl(base: URL, path: string | undefined): URL {
  if (path === undefined) return base;
  if (!path.startsWith('/')) throw new PathError('The path of a request begins with a slash');
  const resolved = new URL(base);
  const [pathname = '', ...query] = path.split('?');
  const prefix = resolved.pathname.replace(/\/$/, '');
  resolved.pathname = `${prefix}${pathname}`;
  resolved.search = query.join('?');
  if (!resolved.pathname.startsWith(`${prefix}/`)) {
    throw new PathError('The path of a request leads out of the address of its destination');
  }
  return resolved;
}

class PathError extends Error {
  override readonly name = 'PathError';
}
