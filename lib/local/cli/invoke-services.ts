import { buildFunctionEnvironment } from '../emulator/lambda/function-environment.ts';
import { readQueueContents } from '../emulator/queue-contents.ts';
import { findRunningLocalPipeline } from '../emulator/pid-file.ts';
import { startServices } from '../emulator/services.ts';
import type { MockRequest } from '../emulator/mock-destinations.ts';
import { describeStack } from '../emulator/stack.ts';
import { formatQueueReport } from './queue-report.ts';

/** The services behind one `sls invoke local`. */
export interface InvokeServices {
  /** What the function's environment has to be. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the call left behind, for a person. */
  report(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Finds the services of the pipeline that `npm start` runs, or starts some for one call.
 * @param configuration the resolved serverless configuration
 * @param functionName its name in serverless.yml
 */
export async function openInvokeServices(
  projectFolder: string,
  configuration: unknown,
  functionName: string,
): Promise<InvokeServices> {
  const stack = describeStack(configuration);
  const description = stack.functions.find(({ name }) => name === functionName);
  if (description === undefined) throw new Error(`There is no function ${functionName}`);

  const running = await findRunningLocalPipeline(projectFolder);
  if (running !== null) {
    return {
      environment: buildFunctionEnvironment(description, stack.region, running),
      report: async () => 'The pipeline that npm start runs goes on with it: see its window.',
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
