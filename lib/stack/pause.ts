import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, QueueDoesNotExist } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import {
  listPaused,
  type PausedDestination,
  removePause,
  storePause,
} from '../deliveries/paused-destinations.ts';
import { errorName } from '../error-name.ts';
import { describeBacklog } from './describe-backlog.ts';
import {
  listMappings,
  type Mapping,
  type MappingClock,
  MappingTimeoutError,
  requestMapping,
  waitForMapping,
} from './event-source-mappings.ts';
import { findClosest } from './find-closest.ts';
import type { PlannedDestination } from './plan-destinations.ts';
import type { StackClients } from './stack-clients.ts';

/** The stage whose destinations are paused and resumed. */
export interface PausableStage {
  readonly name: string;
  readonly region: string;
  /** The deployed name of fanOut. */
  readonly functionName: string;
  readonly tableName: string;
  /** The destinations of the stage, and the names of all declared ones. */
  readonly planned: readonly Pick<PlannedDestination, 'name' | 'id' | 'queueId' | 'queueName'>[];
  readonly declaredNames: readonly string[];
}

/** What pausing and resuming use. */
export interface PauseDeps extends MappingClock {
  readonly clients: StackClients;
  /** Prints a line. */
  readonly print: (line: string) => void;
}

/** A destination cannot be paused or resumed. The message says why, and how to fix it. */
export class PauseError extends Error {
  override readonly name = 'PauseError';
}

const PERMISSIONS =
  'sqs:GetQueueUrl and sqs:GetQueueAttributes on its queue, lambda:ListEventSourceMappings, lambda:GetEventSourceMapping, lambda:UpdateEventSourceMapping, and dynamodb:UpdateItem, dynamodb:DeleteItem and dynamodb:Query on the deliveries table';

/**
 * Stops the deliveries to a destination: Lambda reads its queue no more. The row that says so makes the
 * next deploys keep it. Prints what waits, and how long SQS keeps it.
 * @param name the name or the id of the destination
 * @throws PauseError
 */
export async function pauseDestination(
  deps: PauseDeps,
  stage: PausableStage,
  { name, reason }: { readonly name: string; readonly reason: string | null },
): Promise<void> {
  const { clients, now, print } = deps;
  const destination = findDestination(stage, name);
  await explainErrors(stage, destination.name, 'pause', async () => {
    const { mapping, queueUrl } = await findDeployed(clients, stage, destination);
    const pausedAt = now().toISOString();
    await requestMapping(clients.lambda, mapping, false, deps);
    const paused = await storePause(clients.dynamo, stage.tableName, {
      id: destination.id,
      pausedAt,
      reason,
    }).catch((error: unknown) => {
      throw new PauseError(
        `The deliveries to '${destination.name}' are being stopped, but that could not be stored in the table ${stage.tableName}, so the next deploy can resume them: ${describe(error)}. Run the command again, with the permission dynamodb:UpdateItem on the table.`,
        { cause: error },
      );
    });
    await waitForMapping(clients.lambda, mapping, false, deps, (state) => {
      print(`The event source mapping of ${destination.name} is ${state}.`);
    });
    print(`${describePaused(destination.name, paused)} What arrives for it waits in its queue.`);
    print(await describeBacklog(clients, destination.queueName, queueUrl, now()));
    print(`Deploys keep the pause. To end it: ${toCommand('resume', destination.name, stage)}`);
  });
}

/**
 * Starts the deliveries to a destination again, and removes the row of its pause.
 * @param name the name or the id of the destination
 * @throws PauseError
 */
export async function resumeDestination(
  deps: PauseDeps,
  stage: PausableStage,
  name: string,
): Promise<void> {
  const { clients, now, print } = deps;
  const destination = findDestination(stage, name);
  await explainErrors(stage, destination.name, 'resume', async () => {
    const { mapping, queueUrl } = await findDeployed(clients, stage, destination);
    await requestMapping(clients.lambda, mapping, true, deps);
    await removePause(clients.dynamo, stage.tableName, destination.id).catch((error: unknown) => {
      throw new PauseError(
        `The deliveries to '${destination.name}' are being resumed, but the row of the pause could not be removed from the table ${stage.tableName}, so the next deploy can pause them: ${describe(error)}. Run the command again, with the permission dynamodb:DeleteItem on the table.`,
        { cause: error },
      );
    });
    await waitForMapping(clients.lambda, mapping, true, deps, (state) => {
      print(`The event source mapping of ${destination.name} is ${state}.`);
    });
    print(`${destination.name} is resumed. What waited is delivered at the pace of its limit.`);
    print(await describeBacklog(clients, destination.queueName, queueUrl, now()));
  });
}

/**
 * Returns the paused destinations of a stage, before a deploy; none before the first one, when there is no
 * table.
 * @throws PauseError when they cannot be read: such a deploy could resume them
 */
export async function readPaused(
  { dynamo }: Pick<StackClients, 'dynamo'>,
  { tableName }: Pick<PausableStage, 'tableName'>,
): Promise<readonly PausedDestination[]> {
  try {
    return await listPaused(dynamo, tableName);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return [];
    throw new PauseError(
      `Which destinations are paused cannot be read from the table ${tableName}, and a deploy that does not know it could resume them: ${describe(error)}. Deploy with the permission dynamodb:Query on the table.`,
      { cause: error },
    );
  }
}

/** The event source mapping of a queue of the stack, as osls compiles it. */
const MappingResourceSchema = v.looseObject({
  Type: v.literal('AWS::Lambda::EventSourceMapping'),
  Properties: v.looseObject({
    EventSourceArn: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) }),
  }),
});

/**
 * Writes into a compiled template that the mappings of paused destinations are disabled. osls writes all
 * of them as enabled, and CloudFormation sets that whenever it changes anything else of a mapping.
 * @param resources the resources of the template, by logical id; they are changed
 * @returns a line for each destination that stays paused
 * @throws PauseError when the mapping of a paused destination is not found
 */
export function disableMappings(
  resources: { readonly [id: string]: unknown },
  { planned }: Pick<PausableStage, 'planned'>,
  paused: readonly PausedDestination[],
): readonly string[] {
  return paused.flatMap((pause) => {
    const destination = planned.find(({ id }) => id === pause.id);
    // one that was removed since, or that the stage does not have
    if (destination === undefined) return [];
    const mapping = Object.values(resources).find(
      (resource): resource is v.InferInput<typeof MappingResourceSchema> =>
        v.is(MappingResourceSchema, resource) &&
        resource.Properties.EventSourceArn['Fn::GetAtt'][0] === destination.queueId,
    );
    if (mapping === undefined) {
      throw new PauseError(
        `${describePaused(destination.name, pause)} The template has no event source mapping for its queue ${destination.queueId}, so the deploy cannot keep that. Package the stage again with functions/destinations.ts as it is now.`,
      );
    }
    Object.assign(mapping.Properties, { Enabled: false });
    return [`${describePaused(destination.name, pause)} This deploy keeps that.`];
  });
}

/**
 * Pauses again what CloudFormation has resumed: a rollback sets what an older template says. Prints what it
 * did, and what is disabled although nothing says that it is paused.
 */
export async function restorePauses(deps: PauseDeps, stage: PausableStage): Promise<void> {
  const { clients, print } = deps;
  const [paused, mappings] = await Promise.all([
    readPaused(clients, stage),
    listMappings(clients.lambda, stage.functionName),
  ]);
  for (const mapping of mappings ?? []) {
    const destination = stage.planned.find(({ queueName }) => queueName === mapping.queueName);
    if (destination === undefined) continue;
    const isDisabled = mapping.state === 'Disabled' || mapping.state === 'Disabling';
    const pause = paused.find(({ id }) => id === destination.id);
    if (pause !== undefined && !isDisabled) {
      await requestMapping(clients.lambda, mapping, false, deps);
      print(
        `${describePaused(destination.name, pause)} Its event source mapping was ${mapping.state}, and is being disabled again.`,
      );
    } else if (pause === undefined && isDisabled) {
      print(
        `The event source mapping of ${destination.name} is ${mapping.state}, although ${destination.name} is not paused: nothing is delivered to it. To enable it: ${toCommand('resume', destination.name, stage)}`,
      );
    }
  }
}

/**
 * Removes the rows of destinations that are declared no more, after a deploy that removed them: one that is
 * added later under the same name would be paused. A destination that only this stage lacks keeps its row.
 * @param declaredIds the ids of all declared destinations
 */
export async function removePausesOfRemoved(
  { clients: { dynamo }, print }: PauseDeps,
  stage: Pick<PausableStage, 'tableName'>,
  declaredIds: ReadonlySet<string>,
): Promise<void> {
  const paused = await readPaused({ dynamo }, stage);
  for (const { id } of paused.filter((pause) => !declaredIds.has(pause.id))) {
    await removePause(dynamo, stage.tableName, id);
    print(`${id} was paused and is removed: its pause is over.`);
  }
}

function findDestination(
  { name: stageName, planned, declaredNames }: PausableStage,
  name: string,
): PausableStage['planned'][number] {
  const destination = planned.find((each) => each.name === name || each.id === name);
  if (destination !== undefined) return destination;
  if (declaredNames.includes(name)) {
    throw new PauseError(
      `The destination '${name}' does not exist in the stage ${stageName}, because its address is empty there. Choose a stage that has it, with --stage.`,
    );
  }
  const names = planned.map((each) => each.name);
  const closest = findClosest(name, names);
  throw new PauseError(
    `functions/destinations.ts declares no destination '${name}': ${
      closest === null ? `choose one of ${names.join(', ')}` : `did you mean ${closest}?`
    }`,
  );
}

/** Finds the queue and the mapping of a destination. */
async function findDeployed(
  { lambda, sqs }: StackClients,
  { name, region, functionName }: PausableStage,
  { name: destinationName, queueName }: PausableStage['planned'][number],
): Promise<{ readonly mapping: Mapping; readonly queueUrl: string }> {
  const notDeployed = (missing: string): PauseError =>
    new PauseError(
      `The destination '${destinationName}' is not deployed to the stage ${name} in ${region}: ${missing} does not exist there. Check --stage and --region, or deploy first: npx sls deploy --stage ${name} --region ${region}`,
    );
  const mappings = await listMappings(lambda, functionName);
  if (mappings === null) throw notDeployed(`the function ${functionName}`);
  const mapping = mappings.find((each) => each.queueName === queueName);
  if (mapping === undefined) {
    throw notDeployed(`an event source mapping of ${functionName} for the queue ${queueName}`);
  }
  try {
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }));
    return { mapping, queueUrl: QueueUrl };
  } catch (error) {
    if (error instanceof QueueDoesNotExist) throw notDeployed(`the queue ${queueName}`);
    throw error;
  }
}

/** Turns errors of AWS into ones that say how to fix them. */
async function explainErrors(
  stage: PausableStage,
  destinationName: string,
  command: 'pause' | 'resume',
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof MappingTimeoutError) {
      throw new PauseError(
        `${error.message}, and '${destinationName}' may not be ${command}d yet. Lambda goes on in the background: wait until no deploy is running, and run the command again: ${toCommand(command, destinationName, stage)}`,
        { cause: error },
      );
    }
    if (isAccessDenied(error)) {
      throw new PauseError(
        `AWS denies what it takes to ${command} '${destinationName}': ${describe(error)}. Run the command with these permissions: ${PERMISSIONS}.`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** Each service has another name for it. */
function isAccessDenied(error: unknown): boolean {
  return /^AccessDenied|^Forbidden|^NotAuthorized/.test(errorName(error));
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : errorName(error);
}

function describePaused(name: string, { pausedAt, reason }: PausedDestination): string {
  return `${name} is paused since ${pausedAt}${reason === null ? '' : ` (${reason})`}.`;
}

function toCommand(
  command: 'pause' | 'resume',
  destinationName: string,
  { name, region }: PausableStage,
): string {
  return `npx sls relay ${command} --destination ${destinationName} --stage ${name} --region ${region}`;
}
