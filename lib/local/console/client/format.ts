/** A moment as hh:mm:ss. */
export function formatTime(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 'hh:mm:ss'.length);
}

/** A duration in one or two units, as short as it can be read. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The time until a moment, as a countdown in words. */
export function formatCountdown(ms: number, now: number): string {
  const remainingMs = ms - now;
  return remainingMs <= 0
    ? 'now'
    : `in ${formatDuration(Math.ceil(remainingMs / 1_000) * 1_000).replace('.0 s', ' s')}`;
}

/** A number with thousands set apart. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-GB');
}
