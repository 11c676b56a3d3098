import { parseArgs, type ParseArgsConfig } from 'node:util';
import { HelpRequest, UsageError } from './run-cli.ts';

const HELP_OPTIONS = new Set(['--help', '-h']);

/**
 * Parses the arguments of a command. A command calls it before it does anything else, so that --help and
 * a wrong option change nothing.
 * @param usage the usage text; it is part of every error message
 * @throws HelpRequest for --help or -h before a `--`
 * @throws UsageError for an option that is unknown or has no value
 */
export function parseArguments<const Config extends ParseArgsConfig>(
  config: Config,
  usage: string,
): ReturnType<typeof parseArgs<Config>> {
  const args = config.args ?? process.argv.slice(2);
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  if (options.some((option) => HELP_OPTIONS.has(option))) throw new HelpRequest(usage);
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
