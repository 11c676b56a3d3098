/** What an environment variable of a destination holds. */
export type VariableSuffix =
  | 'URL'
  | 'SECRET'
  | 'SIGNING_SECRETS'
  | 'QUEUE_URL'
  | 'TOPIC_ARN'
  | 'BUS_NAME';

/**
 * Returns the environment variable of a destination: `wallet-pass` and `URL` become `WALLET_PASS_URL`.
 * Lambda requires a letter at the beginning (API reference of Environment), so a name that begins with a
 * digit gets the prefix `D_`.
 */
export function toVariableName(name: string, suffix: VariableSuffix): string {
  const upperSnake = name.toUpperCase().replaceAll('-', '_');
  const prefix = /^\d/.test(upperSnake) ? ['D'] : [];
  return [...prefix, upperSnake, suffix].join('_');
}
