import * as v from 'valibot';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageStack, parseProperties, type Template } from '../support/packaged-stack.ts';

const FunctionSchema = v.object({
  Handler: v.string(),
  Environment: v.object({ Variables: v.record(v.string(), v.unknown()) }),
});

/** The variables that the AWS SDK, Powertools and Node read by themselves. */
const OF_LIBRARIES = /^(AWS_|POWERTOOLS_|(ENVIRONMENT|LOG_LEVEL|WATCH_REPORT_DEPENDENCIES)$)/;

describe('the environment of the deployed functions', () => {
  const environment = process.env;
  let template: Template;
  beforeAll(async () => {
    ({ template } = await packageStack(
      'httpDestinationUrl=https://crm.example.test/hook',
      'releases=canary',
    ));
  }, 60_000);
  afterEach(() => {
    process.env = environment;
  });

  /** Starts a function as Lambda does, and returns which variables it read. */
  const namesReadBy = async (
    load: () => Promise<unknown>,
    variables: Record<string, unknown>,
  ): Promise<Set<string>> => {
    const names = new Set<string>();
    const given: NodeJS.ProcessEnv = { ...environment };
    for (const [name, value] of Object.entries(variables)) {
      given[name] = typeof value === 'string' ? value : `https://sqs.invalid/${name}`;
    }
    process.env = new Proxy(given, {
      get(target, name) {
        names.add(String(name));
        return target[String(name)];
      },
      has(target, name) {
        names.add(String(name));
        return name in target;
      },
    });
    await load();
    process.env = environment;
    return names;
  };

  it.each([
    ['receive', () => import('../../functions/receive.ts')],
    ['fan-out', () => import('../../functions/fan-out.ts')],
    ['operator', () => import('../../functions/operator.ts')],
    ['release-check', () => import('../../functions/release-check.ts')],
  ])('of %s has the variables that its settings read, and no others', async (name, load) => {
    const deployed = parseProperties(template, 'AWS::Lambda::Function', FunctionSchema)
      .map(([, properties]) => properties)
      .find(({ Handler }) => Handler === `functions/${name}.handler`);
    const variables = deployed?.Environment.Variables ?? {};
    const ours = (names: Iterable<string>): Set<string> =>
      new Set([...names].filter((each) => !OF_LIBRARIES.test(each)));
    const deployedNames = ours(Object.keys(variables));
    const read = ours(await namesReadBy(load, variables));
    expect(read).toEqual(deployedNames);
    expect(variables).toMatchObject({
      POWERTOOLS_SERVICE_NAME: 'voucher-relay-prod',
      POWERTOOLS_METRICS_NAMESPACE: 'VoucherRelay',
    });
  });
});
