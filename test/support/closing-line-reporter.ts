import type { Reporter, TestModule } from 'vitest/node';

/** Prints a last plain line, for people and programs: `57 passed, 0 failed`. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      passed += tests.filter((test) => test.result().state === 'passed').length;
      failed += tests.filter((test) => test.result().state !== 'passed').length;
      // a file that could not be loaded has no tests to count
      failed += module.errors().length;
    }
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
  }
}
