import type { IncomingMessage } from 'node:http';

/**
 * Reads the whole body of a request.
 * @returns null when the body has more bytes than the limit; the bytes over the limit are not kept
 */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
): Promise<Buffer | null> {
  const chunks: AsyncIterable<unknown> = request;
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.length;
    if (bytes <= limitBytes) kept.push(chunk);
  }
  return bytes > limitBytes ? null : Buffer.concat(kept);
}
