/** Formats a time as hh:mm:ss, in the browser's time zone. */
export function formatTime(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 'hh:mm:ss'.length);
}

/** Formats a duration in one or two units: `12 ms`, `4.5 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Formats an age, without parts of a second: `12 s`, `2 min 5 s`. */
export function formatAge(ms: number): string {
  return ms < 10_000 ? `${Math.floor(ms / 1_000)} s` : formatDuration(ms);
}

/** Formats the time that remains until `ms`: `in 12 s` or `now`. */
export function formatCountdown(ms: number, now: number): string {
  const remainingMs = ms - now;
  return remainingMs <= 0
    ? 'now'
    : `in ${formatDuration(Math.ceil(remainingMs / 1_000) * 1_000).replace('.0 s', ' s')}`;
}

/** Formats a number with thousands separators. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-GB');
}
