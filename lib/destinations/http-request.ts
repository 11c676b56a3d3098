import { serializeMessage } from '../platform/sqs-message.ts';

/** The text of a request's body, with its media type. */
export interface RequestBody {
  readonly type: string;
  readonly text: string;
}

/** What the `request` of an HTTP destination makes of a record. */
export interface HttpRequest {
  /** POST by default. */
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET';
  /** What follows the destination's address, beginning with a slash; parts that come from a record belong into `encodeURIComponent`. */
  readonly path?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: RequestBody;
}

/** Said by a `request` that cannot be made of a record: a permanent failure with that reason. */
export interface Undeliverable {
  readonly undeliverable: string;
}

/** `return cannot('no e-mail to mail to')`: this record will never become a request. */
export function undeliverable(reason: string): Undeliverable {
  return { undeliverable: reason };
}

/** A JSON body. */
export function json(value: unknown): RequestBody {
  return { type: 'application/json', text: serializeMessage(value) };
}

/** A form body, as a browser would send it; fields that are null are left out. */
export function form(fields: { readonly [name: string]: string | number | null }): RequestBody {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(omitNulls(fields))) pairs.set(name, String(value));
  return { type: 'application/x-www-form-urlencoded', text: pairs.toString() };
}

/** The value of an `authorization` header: HTTP Basic (RFC 7617). */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** The value of an `authorization` header: a bearer token (RFC 6750). */
export function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** An object without its keys that are null: many receivers take null for "delete this". */
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
 * The address that a request goes to: the destination's, with a request's own path behind it.
 * @throws when the path would lead elsewhere than below the address
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
