/**
 * The class of a thrown value: an Error's `name`, else its JavaScript type. Logs and dead letters get
 * this and never the message, which may hold personal data, a code or the name of a secret.
 */
export function errorName(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : typeof thrown;
}
