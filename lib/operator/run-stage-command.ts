import * as v from 'valibot';
import { CheckRequestSchema } from './check.ts';
import { ReplayRequestError } from './request.ts';
import type { StageCommands } from './stage-commands.ts';
import { StatusRequestSchema } from './status.ts';

const RequestSchema = v.variant('command', [StatusRequestSchema, CheckRequestSchema]);
const CommandSchema = v.object({ command: v.unknown() });

/**
 * Runs `status` or `check`.
 * @returns null when the request is for something else
 * @throws ReplayRequestError that names every key that is wrong
 */
export function runStageCommand(commands: StageCommands, request: unknown): Promise<object> | null {
  if (!v.is(CommandSchema, request)) return null;
  const parsed = v.safeParse(RequestSchema, request);
  if (!parsed.success) {
    const keys = parsed.issues.map((issue) => v.getDotPath(issue) ?? 'the request');
    throw new ReplayRequestError(`Not valid: ${[...new Set(keys)].join(', ')}.`);
  }
  switch (parsed.output.command) {
    case 'status':
      return commands.status(parsed.output);
    case 'check':
      return commands.check(parsed.output);
  }
}
