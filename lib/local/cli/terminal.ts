import { styleText } from 'node:util';
import type { ReadableLine } from './format-log-line.ts';

const STYLES = { good: 'green', warning: 'yellow', bad: 'red', plain: 'dim' } as const;

/** One line with the time before it; coloured when the terminal shows colours. */
export function timedLine(line: ReadableLine, at: Date): string {
  const time = at.toTimeString().slice(0, 'hh:mm:ss'.length);
  return `${styleText('dim', time)}  ${styleText(STYLES[line.tone], line.text)}`;
}
