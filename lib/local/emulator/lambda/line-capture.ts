import { StringDecoder } from 'node:string_decoder';

type Chunk = string | Uint8Array;
type WriteCallback = (error?: Error | null) => void;

/**
 * Redirects the output of streams to a listener, line by line, in the order of writing.
 * @returns a function that passes on the last lines that have no line break yet
 */
export function captureLines(
  streams: readonly NodeJS.WriteStream[],
  onLine: (text: string) => void,
): () => void {
  const flushes = streams.map((stream) => {
    const decoder = new StringDecoder('utf8');
    let partialLine = '';
    stream.write = (
      chunk: Chunk,
      encoding?: BufferEncoding | WriteCallback,
      done?: WriteCallback,
    ): boolean => {
      const lines = (
        partialLine + (typeof chunk === 'string' ? chunk : decoder.write(chunk))
      ).split('\n');
      partialLine = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      const finished = typeof encoding === 'function' ? encoding : done;
      finished?.();
      return true;
    };
    return () => {
      if (partialLine !== '') onLine(partialLine);
      partialLine = '';
    };
  });
  return () => {
    for (const flush of flushes) flush();
  };
}
