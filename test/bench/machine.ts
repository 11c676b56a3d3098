import { arch, availableParallelism, cpus, totalmem } from 'node:os';

const GB = 1_073_741_824;

/** Describes the machine and the Node version that the figures come from. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / GB)} GB`;
  return `Node ${process.versions.node}, ${arch()}, ${availableParallelism()} cores (${cpu?.model ?? 'unknown'}), ${memory}`;
}
