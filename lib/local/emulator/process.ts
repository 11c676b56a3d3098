const POLL_INTERVAL_MS = 500;

/** Returns whether a process with this id runs on this machine. */
export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists, but another user owns it
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Resolves when the parent process has ended. A signal that ends npm also ends the shell between npm
 * and its script, but does not reach the script itself.
 * @param parentPid returns the id of the current parent, which changes when the parent ends
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
