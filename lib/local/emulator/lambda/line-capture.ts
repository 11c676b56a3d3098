import { StringDecoder } from 'node:string_decoder';

type Written = string | Uint8Array;
type Done = (error?: Error | null) => void;

/**
 * Sends what is written to streams line by line to a listener instead, in the order of writing.
 * @returns a function that hands on what has no line end yet
 */
export function captureLines(
  streams: readonly NodeJS.WriteStream[],
  onLine: (text: string) => void,
): () => void {
  const flushes = streams.map((stream) => {
    const decoder = new StringDecoder('utf8');
    let open = '';
    stream.write = (chunk: Written, encoding?: BufferEncoding | Done, done?: Done): boolean => {
      const lines = (open + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
      open = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      const finished = typeof encoding === 'function' ? encoding : done;
      finished?.();
      return true;
    };
    return () => {
      if (open !== '') onLine(open);
      open = '';
    };
  });
  return () => {
    for (const flush of flushes) flush();
  };
}
