import { findClosest } from '../stack/find-closest.ts';
import { type CallOperator, CommandError } from './operator-client.ts';
import type { Terminal } from './terminal.ts';

/** What every command works with. */
export interface CommandContext {
  readonly call: CallOperator;
  readonly terminal: Terminal;
  readonly stage: { readonly name: string; readonly region: string; readonly isLocal: boolean };
  /** The destinations of the stage. */
  readonly destinations: readonly DestinationName[];
  /** Whether the result is for a program: one JSON value. */
  readonly isJson: boolean;
  /** Aborted when the person wants to stop (Ctrl-C). */
  readonly stopSignal: AbortSignal;
}

/** A destination: its name, and the id under which rows and messages have it. */
export interface DestinationName {
  readonly name: string;
  readonly id: string;
  /** Whether it gets test webhooks. */
  readonly takesTests: boolean;
}

/**
 * Returns the id of a destination of the stage.
 * @param name its name or its id
 * @throws CommandError that names those which exist
 */
export function toDestinationId({ destinations, stage }: CommandContext, name: string): string {
  const destination = destinations.find((each) => each.name === name || each.id === name);
  if (destination !== undefined) return destination.id;
  const names = destinations.map((each) => each.name);
  const closest = findClosest(name, names);
  throw new CommandError(
    `The stage ${stage.name} has no destination '${name}': ${
      closest === null ? `choose one of ${names.join(', ')}` : `did you mean ${closest}?`
    }`,
  );
}

/** Returns the name of a destination by its id; the id itself for one that the stage does not have any more. */
export function toDestinationName(
  { destinations }: Pick<CommandContext, 'destinations'>,
  id: string,
): string {
  return destinations.find((each) => each.id === id)?.name ?? id;
}

/** The options that a command needs to reach the same stage again. */
export function toStageOptions({ stage }: Pick<CommandContext, 'stage'>): string {
  return stage.isLocal ? '' : ` --stage ${stage.name} --region ${stage.region}`;
}

/** The time as a person reads it, in UTC to the second; the text itself when it is no time. */
export function formatTime(time: string | null): string {
  if (time === null) return '';
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
