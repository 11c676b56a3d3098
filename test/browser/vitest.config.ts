import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // each file starts a browser and a whole pipeline, and mostly waits for what they show
    maxWorkers: 2,
  },
});
