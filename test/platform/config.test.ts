import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { DestinationUrlSchema } from '../../lib/destinations/url.ts';
import {
  ConfigError,
  OptionalStringSchema,
  OptionalUrlSchema,
  readConfig,
  readPartialConfig,
  RequiredStringSchema,
  RequiredUrlSchema,
} from '../../lib/platform/config.ts';

const Schema = v.object({
  QUEUE_URL: RequiredUrlSchema,
  TABLE: RequiredStringSchema,
  CURRENCY: OptionalStringSchema,
  MOCK_URL: OptionalUrlSchema,
});

describe('readConfig', () => {
  it('returns the values, and null for what is not set or empty', () => {
    expect(
      readConfig(Schema, { QUEUE_URL: 'https://q.example/1', TABLE: 't', MOCK_URL: '' }),
    ).toEqual({
      QUEUE_URL: 'https://q.example/1',
      TABLE: 't',
      CURRENCY: null,
      MOCK_URL: null,
    });
  });

  it('names every invalid variable at once, and no value', () => {
    const read = () => readConfig(Schema, { QUEUE_URL: 'not-a-url', TABLE: '', MOCK_URL: 'shh' });

    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      /3 faults[^]*QUEUE_URL is not a URL[^]*TABLE is empty[^]*MOCK_URL is not a URL[^]*serverless\.yml/,
    );
    expect(read).not.toThrow(/not-a-url|shh/);
  });

  it('reports a variable that is not set as missing', () => {
    expect(() => readConfig(Schema, { TABLE: 't' })).toThrow(/a fault:[^]*QUEUE_URL is missing/);
  });
});

describe('readPartialConfig', () => {
  const OursSchema = v.object({ TABLE: RequiredStringSchema, RETRIES: RequiredUrlSchema });
  const ours = { TABLE: 't', RETRIES: 'https://q.example/1' };
  const PartsSchema = v.object({
    CRM_URL: DestinationUrlSchema,
    HOOK_URL: OptionalUrlSchema,
    QUEUE_URL: RequiredUrlSchema,
    LIST: v.pipe(v.string(), v.regex(/^\d+$/, 'is not a list')),
  });
  const parts = { CRM_URL: '', HOOK_URL: '', QUEUE_URL: 'https://q.example/2', LIST: '7' };
  const read = (env: NodeJS.ProcessEnv) =>
    readPartialConfig(OursSchema, PartsSchema, { ...ours, ...parts, ...env });

  it('returns the settings of both', () => {
    expect(read({})).toEqual({ ...ours, ...parts, CRM_URL: null, HOOK_URL: null });
  });

  it.each([
    { CRM_URL: 'nowhere' },
    { CRM_URL: 'http://crm.example.test/' },
    { CRM_URL: 'nowhere', HOOK_URL: 'nowhere', QUEUE_URL: 'nowhere' },
  ])('returns addresses of parts that are not valid: %j', (env) => {
    expect(read(env)).toMatchObject(env);
  });

  it.each([
    [{ RETRIES: 'nowhere' }, ['RETRIES is not a URL']],
    [{ LIST: 'x' }, ['LIST is not a list']],
    [{ QUEUE_URL: undefined }, ['QUEUE_URL is missing']],
    [
      { TABLE: '', CRM_URL: 'nowhere', QUEUE_URL: undefined, LIST: 'x' },
      ['TABLE is empty', 'CRM_URL is not a URL', 'QUEUE_URL is missing', 'LIST is not a list'],
    ],
  ])('rejects every other fault, and lists all: %j', (env, faults) => {
    for (const fault of faults) expect(() => read(env)).toThrow(fault);
    expect(() => read(env)).toThrow(faults.length === 1 ? 'a fault' : `${faults.length} faults`);
  });
});
