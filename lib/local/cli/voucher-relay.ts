#!/usr/bin/env node
// The commands of a project, `voucher-relay <command>`; its package.json has a script for each.
import { fileURLToPath } from 'node:url';

const COMMANDS: Readonly<Record<string, () => Promise<unknown>>> = {
  create: () => import('./create.ts'),
  start: () => import('../start.ts'),
  demo: () => import('./demo.ts'),
  send: () => import('./send.ts'),
  event: () => import('./event.ts'),
  map: () => import('./map.ts'),
  preview: () => import('./preview.ts'),
};
/** The Node that the package installs; the files of a project are TypeScript, which older ones cannot load. */
const MIN_NODE = 24;

const [, , name = ''] = process.argv;
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
const isOldNode = Number(process.versions.node.split('.')[0]) < MIN_NODE;
if (command === undefined) {
  process.stderr.write(
    `Usage: npx voucher-relay COMMAND, or npm run COMMAND\n  Commands: ${Object.keys(COMMANDS).join(', ')}\n`,
  );
  process.exitCode = 2;
} else if (isOldNode && name !== 'create') {
  process.stderr.write(
    `Run it with npm, for example: npm run ${name}. This is Node ${process.versions.node}; npm finds the one in node_modules.\n`,
  );
  process.exitCode = 2;
} else {
  // each command reads its own arguments
  process.argv.splice(1, 2, fileURLToPath(import.meta.url));
  await command();
}
