import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './run-cli.ts';

/**
 * Parses the arguments of a command.
 * @param usage the usage text; it is part of every error message
 * @throws UsageError for an option that is unknown or has no value
 */
export function parseArguments<const Config extends ParseArgsConfig>(
  config: Config,
  usage: string,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(`${sentence}.\n${usage}`);
  }
}

/** Parses a port number; returns `fallback` when the option was not given. @throws UsageError */
export function parsePort(option: string | undefined, fallback: number, usage: string): number {
  if (option === undefined) return fallback;
  const port = Number(option);
  if (/^\d+$/.test(option) && port <= 65_535) return port;
  throw new UsageError(`--port ${option} is not a port. Use a number from 0 to 65535.\n${usage}`);
}
