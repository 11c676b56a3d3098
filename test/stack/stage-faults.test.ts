import { expect, it } from 'vitest';
import { findStageFaults, type StageInput } from '../../lib/stack/stage-faults.ts';

const find = (stage: string, params: object, changes: Partial<StageInput> = {}) =>
  findStageFaults({
    configuration: { provider: { stage }, params },
    source: '',
    commandLine: [],
    needsRecipient: false,
    destinations: [],
    destinationParameters: [],
    ...changes,
  })?.message ?? null;

it('a stage without settings is refused, with the one that was meant', () => {
  expect(find('stagin', { default: {}, local: {}, staging: {} })).toContain(
    'The stage stagin has no settings: did you mean staging? If not, create stages/stagin.yml, and add the line `stagin: ${file(./stages/stagin.yml)}` under params in serverless.yml',
  );
  expect(find('qa', { default: {}, local: {}, staging: {} })).toContain(
    'The stage qa has no settings: create stages/qa.yml',
  );
  expect(find('staging', { default: {}, local: {}, staging: {} })).toBeNull();
});

it('a parameter that only a declaration or a file of the project reads is known', () => {
  const params = { prod: { crmUrl: 'https://crm.example.test', shopDomain: 'shop.example.test' } };
  expect(
    find('prod', params, {
      source: 'BucketName: ${param:shopDomain}-files',
      destinationParameters: ['crmUrl'],
    }),
  ).toBeNull();
  expect(find('prod', { prod: { crmURL: '' } }, { destinationParameters: ['crmUrl'] })).toContain(
    'crmURL is no stage parameter, and nothing reads it: did you mean crmUrl?',
  );
});
