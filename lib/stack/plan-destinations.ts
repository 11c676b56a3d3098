import * as v from 'valibot';
import type {
  DestinationDeclaration,
  Need,
  ResourceReference,
  StageParameter,
  Target,
} from '../destinations/declaration.ts';
import { type QueueSettings, toQueueSettings } from '../destinations/queue-settings.ts';
import { ParameterNameSchema, SecretArnSchema, SecretNameSchema } from '../platform/secret-name.ts';
import { isArn, type ResolvedNeed } from './destination-grants.ts';
import { LOCAL_ACCOUNT } from '../local/emulator/local-addresses.ts';
import { findClosest } from './find-closest.ts';
import type { StageValues } from './stage-values.ts';

/** A destination that exists in the stage, with the names of what packaging makes of it. */
export interface PlannedDestination {
  readonly name: string;
  readonly id: string;
  readonly limit: DestinationDeclaration['limit'];
  readonly settings: QueueSettings;
  /** What the logical ids of its resources begin with. */
  readonly logicalId: string;
  /** The logical id of its queue. */
  readonly queueId: string;
  readonly queueName: string;
  readonly needs: readonly ResolvedNeed[];
}

/** What is known of the stage. */
export interface PlannedStage extends StageValues {
  readonly name: string;
  readonly isLocal: boolean;
  /** What the names of all destination queues begin with. */
  readonly queuePrefix: string;
  /** The resources that serverless.yml declares, by logical id. */
  readonly resources: Readonly<Record<string, unknown>>;
}

/** The destinations of a stage, or what is wrong with them: one line for each fault. */
export interface Plan {
  readonly destinations: readonly PlannedDestination[];
  readonly faults: readonly string[];
}

/** The CloudFormation type, and the service in an ARN, for each kind of resource. */
const RESOURCE_TYPES = {
  queue: { type: 'AWS::SQS::Queue', service: 'sqs' },
  topic: { type: 'AWS::SNS::Topic', service: 'sns' },
  bus: { type: 'AWS::Events::EventBus', service: 'events' },
} as const;
/** CreateQueue API reference, QueueName. */
const MAX_QUEUE_NAME_CHARACTERS = 80;
const STAGE_PLACEHOLDER = '{stage}';
const TypeSchema = v.object({ Type: v.string() });

/**
 * Decides which of the declared destinations exist in a stage, and resolves what they need: stage
 * parameters, `{stage}` in the names of secrets, the names of their queues.
 */
export function planDestinations(
  declarations: readonly DestinationDeclaration[],
  stage: PlannedStage,
): Plan {
  const faults: string[] = [];
  const destinations: PlannedDestination[] = [];
  const takenIds = new Map<string, string>();
  for (const { name, id, limit, batch, needs, sharedByStages } of declarations) {
    const addFault = (fault: string): void => {
      faults.push(`The destination '${name}' ${fault}`);
    };
    const resolved = needs.flatMap((need) => resolveNeed(need, stage, addFault) ?? []);
    if (!stage.isLocal && resolved.some(isMissingAddress)) continue;

    if (!stage.isLocal && stage.stages.size > 1 && !sharedByStages && !needs.some(isOfOneStage)) {
      addFault(
        `is the same in every stage, so ${[...stage.stages].join(' and ')} would reach the same receiver, and a test real customers. Take its address or ARN from the stage, stageParameter('...'), or the name of its secret, secretsManager('voucher-relay/{stage}/...'). If one receiver is meant, declare sharedByStages: true`,
      );
    }
    const logicalId = `To${toPascalCase(id)}`;
    const queueId = `${logicalId}Queue`;
    const queueName = stage.queuePrefix + id;
    const other = takenIds.get(logicalId);
    if (other !== undefined) {
      addFault(
        `would have the same logical id in CloudFormation as '${other}': give one of them another name`,
      );
    }
    takenIds.set(logicalId, id);
    if (stage.resources[queueId] !== undefined) {
      addFault(
        `needs the logical id ${queueId}, which serverless.yml declares: rename that resource`,
      );
    }
    if (queueName.length > MAX_QUEUE_NAME_CHARACTERS) {
      addFault(
        `would have a queue with a name of ${queueName.length} characters, and SQS allows ${MAX_QUEUE_NAME_CHARACTERS}: ${queueName}. Shorten its name, the stage or the service`,
      );
    }
    const settings = toQueueSettings(limit, batch);
    destinations.push({
      name,
      id,
      limit,
      settings,
      logicalId,
      queueId,
      queueName,
      needs: resolved,
    });
  }
  return { destinations, faults };
}

/** Lists the stage parameters that declarations read. */
export function listStageParameters(
  declarations: readonly DestinationDeclaration[],
): readonly string[] {
  return declarations.flatMap(({ needs }) =>
    needs.flatMap((need) => {
      const value = readValue(need);
      return typeof value !== 'string' && 'stageParameter' in value ? [value.stageParameter] : [];
    }),
  );
}

/** Returns what a need takes from its declaration. */
function readValue(need: Need): Target {
  if ('address' in need) return need.address;
  return 'target' in need ? need.target : need.secretName;
}

/** Returns whether a need differs from stage to stage. A resource of the stack does. */
function isOfOneStage(need: Need): boolean {
  const value = readValue(need);
  return typeof value !== 'string' || ('secretName' in need && value.includes(STAGE_PLACEHOLDER));
}

/** Returns whether the address or the ARN is a stage parameter that is empty in the stage. */
function isMissingAddress(need: ResolvedNeed): boolean {
  return (
    (need.kind === 'address' && need.address === '') || ('target' in need && need.target === '')
  );
}

function resolveNeed(
  need: Need,
  stage: PlannedStage,
  addFault: (fault: string) => void,
): ResolvedNeed | null {
  switch (need.kind) {
    case 'address': {
      const { variable, kind, address, local } = need;
      if (typeof address === 'string') return { variable, kind, address: null, local };
      const value = readParameter(address, stage, addFault);
      return value === null ? null : { variable, kind, address: value, local };
    }
    case 'queue':
    case 'topic':
    case 'bus': {
      const { variable, kind } = need;
      const target = resolveTarget(need, stage, addFault);
      if (target === null) return null;
      const fault = target === '' ? null : findTargetFault(kind, target, stage.resources);
      if (fault !== null) addFault(fault);
      return { variable, kind, target };
    }
    case 'secret':
    case 'parameter': {
      const { variable, kind, local } = need;
      const secretName = resolveSecretName(need, stage, addFault);
      return secretName === null ? null : { variable, kind, secretName, local };
    }
  }
}

/** Resolves a stage parameter with an ARN. In the stage local it is a resource of the emulators. */
function resolveTarget(
  { kind, variable, target }: Extract<Need, { kind: 'queue' | 'topic' | 'bus' }>,
  stage: PlannedStage,
  addFault: (fault: string) => void,
): string | ResourceReference | null {
  if (typeof target === 'string' || 'resource' in target) return target;
  const value = readParameter(target, stage, addFault);
  if (value === null) return null;
  if (stage.isLocal) return toLocalArn(kind, variable.toLowerCase().replaceAll('_', '-'));
  if (typeof value === 'string') return value;
  addFault(`has a ${kind} whose ARN (${target.stageParameter}) is not a text`);
  return null;
}

function toLocalArn(kind: keyof typeof RESOURCE_TYPES, name: string): string {
  const prefix = `arn:aws:${RESOURCE_TYPES[kind].service}:eu-west-1:${LOCAL_ACCOUNT}:`;
  return kind === 'bus' ? `${prefix}event-bus/${name}` : prefix + name;
}

function resolveSecretName(
  { kind, secretName }: Extract<Need, { kind: 'secret' | 'parameter' }>,
  stage: PlannedStage,
  addFault: (fault: string) => void,
): string | null {
  const declared =
    typeof secretName === 'string' ? secretName : readParameter(secretName, stage, addFault);
  if (declared === null) return null;
  const where = typeof secretName === 'string' ? '' : ` (${secretName.stageParameter})`;
  if (typeof declared !== 'string') {
    addFault(`has a secret whose name${where} is not a text`);
    return null;
  }
  const name = declared.replaceAll(STAGE_PLACEHOLDER, stage.name);
  const isLeftOut = name === '' && typeof secretName !== 'string';
  const isValid =
    kind === 'secret'
      ? v.is(SecretNameSchema, name) || v.is(SecretArnSchema, name)
      : v.is(ParameterNameSchema, name);
  if (!isLeftOut && !isValid) {
    addFault(
      kind === 'secret'
        ? `has a secretsManager() whose name${where} is neither the name nor the ARN of a secret in Secrets Manager`
        : `has a parameterStore() whose name${where} is not the name of a parameter of Systems Manager with its leading slash`,
    );
  }
  return name;
}

/** Returns the value of a stage parameter; null when there is none, which is a fault. */
function readParameter(
  { stageParameter }: StageParameter,
  { values, declaredNames, isLocal }: PlannedStage,
  addFault: (fault: string) => void,
): unknown {
  const value = Object.hasOwn(values, stageParameter) ? values[stageParameter] : null;
  if (value !== undefined && value !== null) return value;
  // on a developer's machine an address is a mock receiver's, and a secret is invented
  if (isLocal || declaredNames.has(stageParameter)) return '';
  const closest = findClosest(stageParameter, declaredNames);
  const hint =
    closest === null
      ? `set it in the file in stages/ of each stage that has this destination`
      : `did you mean ${closest}?`;
  addFault(`needs the stage parameter ${stageParameter}, which no stage sets: ${hint}`);
  return null;
}

function findTargetFault(
  kind: keyof typeof RESOURCE_TYPES,
  target: string | ResourceReference,
  resources: PlannedStage['resources'],
): string | null {
  const { type, service } = RESOURCE_TYPES[kind];
  if (typeof target === 'string') {
    return isArn(target) && target.split(':')[2] === service
      ? null
      : `has a ${kind} that is not the ARN of one: give its ARN, or resource('...') for one of serverless.yml`;
  }
  const declared = (id: string): boolean => {
    const parsed = v.safeParse(TypeSchema, resources[id]);
    return parsed.success && parsed.output.Type === type;
  };
  if (declared(target.resource)) return null;
  const closest = findClosest(target.resource, Object.keys(resources).filter(declared));
  const hint = closest === null ? 'declare it there' : `did you mean ${closest}?`;
  return `needs the ${type} ${target.resource}, which serverless.yml does not declare: ${hint}`;
}

/** `wallet-pass` becomes `WalletPass`: logical ids have letters and digits only. */
function toPascalCase(id: string): string {
  return id
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}
