/**
 * Calls a function of the console on behalf of the pipeline, or of a timer. The console runs in the process of
 * the pipeline: an error that is not caught would end both, or fail what the pipeline was doing.
 * @param onError receives the error that was thrown
 */
export function contain(work: () => void, onError: (error: unknown) => void): void {
  try {
    work();
  } catch (error) {
    onError(error);
  }
}
