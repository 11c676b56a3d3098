import { describe, expect, it } from 'vitest';
import type { DestinationDeclaration } from '../../lib/destinations/declaration.ts';
import { applyDestinations } from '../../lib/stack/apply-destinations.ts';
import { readStageValues } from '../../lib/stack/stage-values.ts';
import { createConfiguration, type Params } from './support/configuration.ts';
import { declare } from './support/planned.ts';

const apply = (declarations: readonly DestinationDeclaration[], params: Params = {}) => {
  const configuration = createConfiguration('prod', {}, params);
  const stageValues = readStageValues(configuration, []);
  applyDestinations(configuration, declarations, stageValues);
  return configuration;
};
const secretNeed = (variable: string, secretName: string) =>
  ({ kind: 'secret', variable, secretName, local: 'x' }) as const;

describe('packaging refuses', () => {
  it('destinations of which one is not valid', () => {
    const crm = declare({ name: 'crm', limit: { concurrency: 1 } });
    expect(() => apply([crm])).toThrow(
      "'crm' has a limit.concurrency that is not a whole number of at least 2",
    );
  });

  it('all faults of the stage at once', () => {
    const needs = [secretNeed('A', 'two words'), secretNeed('B', 'also two')];
    expect(() => apply([declare({ name: 'crm', needs })])).toThrow(
      /^The destination 'crm' has a secretsManager[^]*\nThe destination 'crm' has a secretsManager/,
    );
  });

  it('variables that are too large for the function, and permissions that are too large for the role', () => {
    const many = Array.from({ length: 150 }, (_, index) =>
      declare({
        name: `d${index}`,
        needs: [secretNeed(`D${index}_SECRET`, `relay/prod/a-rather-long-name/${index}`)],
      }),
    );
    expect(() => apply(many)).toThrow(
      /^The environment variables of the function fanOut have \d+ bytes[^]*\nThe inline policies of Role have \d+ characters/,
    );
  });
});

describe('the stage parameters', () => {
  const table = (params: Params) =>
    apply([declare({ name: 'crm' })], params).resources.Resources.DeliveriesTable.Properties;

  it('decide the throughput of the table', () => {
    expect(table({})).not.toHaveProperty('WarmThroughput');
    expect(table({ prod: { tableWritesPerSecond: 9000 } })).toMatchObject({
      WarmThroughput: { WriteUnitsPerSecond: 9_000 },
    });
  });

  it('decide what happens to the queues when they are removed', () => {
    const policies = (params: Params) => {
      const { Resources } = apply([declare({ name: 'crm' })], params).resources;
      return Object.entries(Resources).find(([id]) => id === 'ToCrmQueue')?.[1];
    };
    expect(policies({})).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
    expect(policies({ default: { onRemoval: 'Delete' } })).toMatchObject({
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
    });
  });

  it('decide what the function operator compares with the quota', () => {
    const configuration = createConfiguration('prod', {}, { prod: { recordsConcurrency: 20 } });
    const environment: Record<string, unknown> = { CONCURRENCY_NEEDED: '0' };
    Object.assign(configuration.functions, { operator: { environment } });
    const stageValues = readStageValues(configuration, []);
    applyDestinations(configuration, [declare({ name: 'crm' })], stageValues);
    expect(environment).toEqual({ CONCURRENCY_NEEDED: String(20 + 100 + 10) });
  });
});
