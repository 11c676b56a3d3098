import { arch, availableParallelism, cpus, totalmem } from 'node:os';

const GB = 1_073_741_824;

/** The machine that the figures come from, in a sentence. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / GB)} GB`;
  return `Node ${process.versions.node}, ${arch()}, ${availableParallelism()} cores (${cpu?.model ?? 'unknown'}), ${memory}`;
}
