import { vi } from 'vitest';
import { captureLines } from '../../lib/local/emulator/lambda/line-capture.ts';

/** Runs a function and returns the lines that it wrote to stdout and stderr; they are not printed. */
export async function captureOutput(run: () => unknown): Promise<string[]> {
  const lines: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  // vi restores the streams' methods; captureLines cannot
  const spies = streams.map((stream) => vi.spyOn(stream, 'write'));
  const flush = captureLines(streams, (text) => lines.push(text));
  try {
    await run();
    flush();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines;
}
