import { buildFunctionEnvironment } from '../emulator/lambda/function-environment.ts';
import { readQueueContents } from '../emulator/queue-contents.ts';
import { findRunningLocalPipeline } from '../emulator/pid-file.ts';
import { startServices } from '../emulator/services.ts';
import type { MockRequest } from '../emulator/mock-destinations.ts';
import { describeStack } from '../emulator/stack.ts';
import { StartError } from '../emulator/start-error.ts';
import { formatQueueReport } from './queue-report.ts';

/** The services for one `sls invoke local`. */
export interface InvokeServices {
  /** The function's environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Returns what the invocation left on queues and at mock destinations, as text. */
  report(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Returns the services of the local pipeline of `npm start` if it runs; otherwise starts services for one
 * invocation.
 * @param configuration the resolved serverless configuration
 * @param functionName the function's name in serverless.yml
 * @throws StartError when serverless.yml does not declare the function
 */
export async function openInvokeServices(
  projectFolder: string,
  configuration: unknown,
  functionName: string,
): Promise<InvokeServices> {
  const stack = describeStack(configuration);
  const description = stack.functions.find(({ name }) => name === functionName);
  if (description === undefined) {
    throw new StartError(`serverless.yml declares no function ${functionName}.`);
  }

  const running = await findRunningLocalPipeline(projectFolder);
  if (running !== null) {
    return {
      environment: buildFunctionEnvironment(description, stack.region, running),
      report: async () => 'The running npm start processes the result: see its terminal.',
      stop: async () => {},
    };
  }
  const requests: MockRequest[] = [];
  const services = await startServices(stack, (request) => requests.push(request));
  const { sqsEndpoint } = services.endpoints;
  return {
    environment: buildFunctionEnvironment(description, stack.region, services.endpoints),
    async report() {
      const queues = stack.queues.map(async ({ name }) => {
        const { ready, delayed, inFlight } = await readQueueContents(sqsEndpoint, name, Date.now());
        return { name, bodies: [...ready, ...delayed, ...inFlight].map(({ body }) => body) };
      });
      return formatQueueReport(await Promise.all(queues), requests);
    },
    stop: () => services.stop(),
  };
}
