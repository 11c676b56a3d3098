const POLL_INTERVAL_MS = 500;

/**
 * Resolves when the parent process is gone. A signal that ends npm ends the shell between npm and its
 * script too, but is not handed on to the script.
 * @param parentPid gives the id of the parent, which changes when the parent ends
 */
export function waitUntilOrphaned(
  parentPid: () => number,
  intervalMs: number = POLL_INTERVAL_MS,
): Promise<void> {
  const originalPid = parentPid();
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (parentPid() === originalPid) return;
      clearInterval(timer);
      resolve();
    }, intervalMs);
    timer.unref();
  });
}
