/** Says whether a process of this machine is running. */
export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // somebody else's process may be seen but not signalled
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
