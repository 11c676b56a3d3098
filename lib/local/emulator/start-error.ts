/**
 * Something that the person at this machine has to mend before the pipeline can start. The message
 * is complete: it is shown as it stands, without a stack trace.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}
