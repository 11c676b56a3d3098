import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './run-cli.ts';

/**
 * Reads a tool's arguments.
 * @param usage how the tool is called; shown with every error
 * @throws UsageError for an option that is unknown or lacks its value
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

/** A port number out of an option; `fallback` when it was left out. */
export function parsePort(option: string | undefined, fallback: number, usage: string): number {
  if (option === undefined) return fallback;
  const port = Number(option);
  if (/^\d+$/.test(option) && port <= 65_535) return port;
  throw new UsageError(`${option} is no port.\n${usage}`);
}
