/**
 * An error that the developer has to fix before the local pipeline can start or a command can run. The
 * message is complete: it is printed without a stack trace.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}
