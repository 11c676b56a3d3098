import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As Node's --conditions=fixture does: what a merchant writes into functions/ is not tested here.
  // With resolve.conditions instead, Vite would take the SDK's modules in a form that Node cannot load.
  resolve: {
    alias: {
      '#destinations': projectFile('events/fixture-destinations.ts'),
      '#mappings': projectFile('events/fixture-mappings.ts'),
      'voucher-relay': projectFile('lib/sdk.ts'),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    // test/upgrade has projects of earlier releases, which upgrade.test.ts runs
    exclude: ['**/node_modules/**', 'test/browser/**', 'test/upgrade/projects/**'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // most of a test's time is waiting: for SQS's polls, for time limits, for processes to start
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});

function projectFile(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
