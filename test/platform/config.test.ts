import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  OptionalStringSchema,
  readConfig,
  RequiredStringSchema,
  RequiredUrlSchema,
} from '../../lib/platform/config.ts';

const Schema = v.object({
  QUEUE_URL: RequiredUrlSchema,
  TABLE: RequiredStringSchema,
  CURRENCY: OptionalStringSchema,
  MOCK_URL: RequiredUrlSchema,
});

describe('readConfig', () => {
  it('returns the values, and null for what is not set or empty', () => {
    expect(
      readConfig(Schema, {
        QUEUE_URL: 'https://q.example/1',
        TABLE: 't',
        MOCK_URL: 'https://m.example/',
      }),
    ).toEqual({
      QUEUE_URL: 'https://q.example/1',
      TABLE: 't',
      CURRENCY: null,
      MOCK_URL: 'https://m.example/',
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
    expect(() => readConfig(Schema, { TABLE: 't', MOCK_URL: 'https://m.example/' })).toThrow(
      /a fault:[^]*QUEUE_URL is missing/,
    );
  });
});
