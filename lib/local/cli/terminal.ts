import { styleText } from 'node:util';
import type { FormattedLine } from './format-log-line.ts';

const STYLES = { success: 'green', warn: 'yellow', error: 'red', info: 'dim' } as const;

/** One line with the time before it; coloured when the terminal shows colours. */
export function formatWithTime(line: FormattedLine, at: Date): string {
  const time = at.toTimeString().slice(0, 'hh:mm:ss'.length);
  return `${styleText('dim', time)}  ${styleText(STYLES[line.level], line.text)}`;
}
