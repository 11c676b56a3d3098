import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/browser/**'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    // most of a test's time is waiting: for SQS's polls, for time limits, for processes to start
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
