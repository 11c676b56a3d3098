import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { errorName } from '../error-name.ts';
import { findRunningLocalPipeline } from '../local/emulator/pid-file.ts';
import type { ClientSettings } from '../stack/stack-clients.ts';

/**
 * Calls the operator's function of a stage, once: a call whose response is lost is never made again by itself.
 * @param request a request of lib/operator/request.ts
 * @returns the report, as it came
 * @throws CommandError that says what is wrong and how to fix it
 */
export type CallOperator = (request: object) => Promise<unknown>;

/** A command cannot do what it was asked for. The message says why, and how to fix it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** The deployed function. */
export interface DeployedOperator {
  readonly stage: string;
  readonly region: string;
  readonly functionName: string;
}

/** What Lambda returns for a function that threw (Lambda Developer Guide, "Node.js function errors"). */
const ErrorPayloadSchema = v.object({ errorType: v.string(), errorMessage: v.string() });
/** The errors of the function whose message is for the operator. */
const REQUEST_ERROR = 'OperatorRequestError';

/** Returns the function that calls the operator's function of a deployed stage. */
export function createDeployedOperator(
  settings: ClientSettings,
  { stage, region, functionName }: DeployedOperator,
): { readonly call: CallOperator; readonly close: () => void } {
  // a second call would do the work a second time, beside the first one
  const client = new LambdaClient({ ...settings, maxAttempts: 1 });
  const where = `--stage ${stage} --region ${region}`;
  return {
    async call(request) {
      const command = new InvokeCommand({
        FunctionName: functionName,
        Payload: Buffer.from(JSON.stringify(request)),
      });
      const response = await client.send(command).catch((error: unknown) => {
        // osls's own, for example that there are no credentials: it says what to do
        if (error instanceof Error && error.name === 'ServerlessError') throw error;
        throw new CommandError(explainInvoke(errorName(error), functionName, where), {
          cause: error,
        });
      });
      const payload = parseJson(Buffer.from(response.Payload ?? []).toString('utf8'));
      if (response.FunctionError === undefined) return payload;
      throw new CommandError(explainFailure(payload, where));
    },
    close: () => client.destroy(),
  };
}

function explainInvoke(name: string, functionName: string, where: string): string {
  if (name === 'ResourceNotFoundException') {
    return `The function ${functionName} does not exist. Check --stage and --region, or deploy this release first: npx sls deploy ${where}`;
  }
  if (/AccessDenied|NotAuthorized/.test(name)) {
    return `AWS does not let you invoke ${functionName}. You need the permission lambda:InvokeFunction on it, and no other.`;
  }
  return `The function ${functionName} could not be invoked: ${name}. Check your network and your AWS credentials, and run the command again: what it did is not done twice.`;
}

function explainFailure(payload: unknown, where: string): string {
  const error = v.safeParse(ErrorPayloadSchema, payload);
  const logs = `npx sls logs -f operator ${where} --startTime 15m`;
  if (!error.success) return `The operator's function failed without an error. Its log: ${logs}`;
  const { errorType, errorMessage } = error.output;
  return errorType === REQUEST_ERROR
    ? `${errorMessage} When this checkout is newer than the stage, deploy it first: npx sls deploy ${where}`
    : `The operator's function failed: ${errorType}. Its log says more: ${logs}`;
}

const ProblemSchema = v.object({ problem: v.string() });

/**
 * Returns the function that calls the operator's function of the running `npm start`.
 * @throws CommandError when none runs
 */
export async function createLocalOperator(
  projectFolder: string,
): Promise<{ readonly call: CallOperator; readonly post: PostToConsole }> {
  const running = await findRunningLocalPipeline(projectFolder);
  if (running === null) {
    throw new CommandError(
      'The stage local runs nowhere on this machine. Start it in another terminal: npm start. Or choose a deployed stage with --stage and --region.',
    );
  }
  const { origin } = new URL(running.webhookUrl);
  const post: PostToConsole = async (path, body) => {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify(body),
    });
    const value = parseJson(await response.text());
    if (response.ok) return value;
    const problem = v.safeParse(ProblemSchema, value);
    throw new CommandError(
      problem.success ? problem.output.problem : `npm start responded ${response.status}.`,
    );
  };
  return { call: (request) => post('/console/operator', request), post };
}

/** Calls a command of the console of `npm start`. @throws CommandError */
export type PostToConsole = (path: string, body: object) => Promise<unknown>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
