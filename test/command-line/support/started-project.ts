import { spawn } from 'node:child_process';
import { expect, vi } from 'vitest';
import {
  collectResult,
  type CommandResult,
  copyProject,
  SLS,
} from '../../local/support/project-copy.ts';

/** A copy of the project in which `npm start` runs. */
export interface StartedProject {
  readonly origin: string;
  /** What `npm start` has printed. */
  readonly log: () => string;
  /** Sends a sample of events/ as a webhook. */
  readonly send: (name: string) => Promise<void>;
  /** Runs `npx sls relay ...` for the stage local. @param input what it gets on standard input */
  readonly relay: (options: readonly string[], input?: string) => Promise<CommandResult>;
  /** Sets how the mock destination responds. */
  readonly respond: (destination: string, responseChoice: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts the pipeline of a copy on a free port. */
export async function startProject(): Promise<StartedProject> {
  const project = await copyProject();
  const child = project.start('lib/local/start.ts', '--port', '0');
  let shown = '';
  child.stdout?.on('data', (chunk) => (shown += String(chunk)));
  child.stderr?.on('data', (chunk) => (shown += String(chunk)));
  const readyUrl = await vi.waitUntil(() => /^ready (http:\S+)/m.exec(shown)?.[1], {
    timeout: 60_000,
  });
  const { origin } = new URL(readyUrl);
  return {
    origin,
    log: () => shown,
    async send(name) {
      const { code, stderr } = await project.run('lib/local/cli/send.ts', `events/${name}.json`);
      expect([code, stderr]).toEqual([0, '']);
    },
    relay(options, input = '') {
      const command = spawn(process.execPath, [SLS, 'relay', ...options], {
        cwd: project.folder,
        env: { ...process.env, NO_COLOR: '1', AWS_PROFILE: 'nobody' },
      });
      command.stdin.end(input);
      return collectResult(command);
    },
    async respond(destination, responseChoice) {
      const response = await fetch(`${origin}/console/response`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify({ destination, responseChoice, retryAfterSeconds: 0 }),
      });
      expect(response.status).toBe(200);
    },
    async stop() {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('close', resolve));
      await project.remove();
    },
  };
}
