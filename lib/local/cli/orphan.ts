const LOOK_EVERY_MS = 500;

/**
 * Resolves when the parent process is gone. A signal that ends npm ends the shell between npm and its
 * script too, but is not handed on to the script.
 * @param parentPid gives the id of the parent, which changes when the parent ends
 */
export function whenOrphaned(
  parentPid: () => number,
  everyMs: number = LOOK_EVERY_MS,
): Promise<void> {
  const first = parentPid();
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (parentPid() === first) return;
      clearInterval(timer);
      resolve();
    }, everyMs);
    timer.unref();
  });
}
