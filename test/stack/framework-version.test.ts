import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, it } from 'vitest';

const PackageSchema = v.object({ devDependencies: v.object({ osls: v.string() }) });

it('only the version of osls that the tests run may package the service', () => {
  const { devDependencies } = v.parse(
    PackageSchema,
    JSON.parse(readFileSync('package.json', 'utf8')),
  );
  const [, frameworkVersion] =
    /^frameworkVersion: (.*)$/m.exec(readFileSync('lib/stack/service.yml', 'utf8')) ?? [];
  expect(devDependencies.osls).toMatch(/^\d+\.\d+\.\d+$/);
  expect(frameworkVersion).toBe(devDependencies.osls);
});
