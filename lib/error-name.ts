/**
 * The class of a thrown value: an Error's `name`, else its JavaScript type. Logs and dead letters get
 * this and never the message, which may hold personal data, a code or the name of a secret.
 */
export function errorName(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  // the type says string, but a merchant's error may hold anything
  const name: unknown = thrown.name;
  return typeof name === 'string' ? name : 'Error';
}
