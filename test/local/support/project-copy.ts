import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_FOLDER } from './fixture-function.ts';

/** How a command ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of the project, in which commands can write files without affecting other tests. */
export interface ProjectCopy {
  readonly folder: string;
  /** Runs a TypeScript file or a script of the project with this Node until it ends. */
  run(script: string, ...options: string[]): Promise<CommandResult>;
  /** Starts one that keeps running. */
  start(script: string, ...options: string[]): ChildProcess;
  remove(): Promise<void>;
}

const FOLDERS = ['functions', 'lib', 'events', 'stages'];

export const SLS = 'node_modules/osls/bin/serverless.js';

/** @param moreFolders copied too, for commands that are not in lib/ or that write documents */
export async function copyProject(...moreFolders: readonly string[]): Promise<ProjectCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'project-'));
  for (const name of [
    ...FOLDERS,
    ...moreFolders,
    'serverless.yml',
    'package.json',
    'tsconfig.json',
  ]) {
    await cp(join(PROJECT_FOLDER, name), join(folder, name), { recursive: true });
  }
  // what is tested in a copy does not depend on a merchant's own files
  for (const name of ['destinations', 'mappings']) {
    await cp(join(folder, `events/fixture-${name}.ts`), join(folder, `functions/${name}.ts`));
  }
  await symlink(join(PROJECT_FOLDER, 'node_modules'), join(folder, 'node_modules'));
  const children: ChildProcess[] = [];
  const start = (script: string, ...options: string[]): ChildProcess => {
    const child = spawn(process.execPath, [script, ...options], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // a developer's own AWS settings, which commands must not use
      env: { ...process.env, NO_COLOR: '1', AWS_PROFILE: 'nobody', VOUCHERIFY_WEBHOOK_SECRET: '' },
    });
    children.push(child);
    return child;
  };
  return {
    folder,
    start,
    run: (script, ...options) => collectResult(start(script, ...options)),
    async remove() {
      for (const child of children) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Collects what a process writes until it ends. */
export function collectResult(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
