import type { HandlerError } from './worker-messages.ts';

/** Describes what a handler threw as Lambda does. A thing that is no Error keeps its text. */
export function toHandlerError(thrown: unknown): HandlerError {
  if (!(thrown instanceof Error)) return { type: 'string', message: String(thrown), stack: [] };
  const stack = (thrown.stack ?? '').split('\n').filter((line) => line.trim().startsWith('at '));
  return { type: thrown.name, message: thrown.message, stack: stack.map((line) => line.trim()) };
}
