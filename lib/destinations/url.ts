import * as v from 'valibot';
import { HAS_CREDENTIALS, NOT_A_URL, NOT_HTTPS, OptionalStringSchema } from '../platform/config.ts';

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '[::1]', 'localhost']);

/**
 * The address of an HTTP destination, or null when the variable is empty. Codes and names are sent to it,
 * so it must be https, except on the developer's own machine.
 */
export const DestinationUrlSchema = v.pipe(
  OptionalStringSchema,
  v.check((text) => text === null || URL.canParse(text), NOT_A_URL),
  v.check((text) => {
    const url = text === null ? null : URL.parse(text);
    return url === null || !hasCredentials(url);
  }, HAS_CREDENTIALS),
  v.check((text) => {
    const url = text === null ? null : URL.parse(text);
    return url === null || isHttpsOrLoopback(url);
  }, NOT_HTTPS),
);

/**
 * Checks whether an address holds a user or a password. Addresses are plain settings of the function,
 * which many people can read, and RFC 9110 (section 4.2.4) rules such addresses out.
 */
export function hasCredentials(url: URL): boolean {
  return url.username !== '' || url.password !== '';
}

/** Checks whether nobody on the network path can read what is sent to an address: https, or this machine. */
export function isHttpsOrLoopback(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.has(url.hostname);
}
