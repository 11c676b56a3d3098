import type { DestinationDeclaration, Need, Runtime, StageParameter } from './declaration.ts';
import { withDefaults } from './destination.ts';
import { createHttpDestination, type HttpRequestOptions } from './http-destination.ts';
import type { HttpSecretSources } from './http-secrets.ts';
import { createSecret, type SecretReference, toSecretNeed } from './secret.ts';
import { toVariableName } from './variable-name.ts';

/** Options for a receiver of HTTP requests. */
export interface HttpDestinationOptions extends HttpRequestOptions {
  /**
   * The address, or `stageParameter('crmUrl')` for one that differs from stage to stage. When that
   * parameter is empty, the destination does not exist in the stage.
   */
  readonly url: string | StageParameter;
  /** The address in the stage local; by default a mock receiver on the developer's machine. */
  readonly local?: { readonly url: string };
  /** The receiver's key, passed to `headers` and `request`. Read again when the receiver rejects it. */
  readonly secret?: SecretReference;
  /**
   * A secret that holds `whsec_...`, or several separated by spaces: requests are signed with each. Not
   * signed without it, or when the stage parameter that names it is empty.
   */
  readonly signingSecrets?: SecretReference;
}

/** Declares a destination of the kind `http`: one request for each record, or with `batch` for many. */
export function http(options: HttpDestinationOptions): DestinationDeclaration {
  const { name, url: address, local, secret, signingSecrets, ...requestOptions } = options;
  const variable = toVariableName(name, 'URL');
  const secretVariable = toVariableName(name, 'SECRET');
  const signingVariable = toVariableName(name, 'SIGNING_SECRETS');
  const needs: Need[] = [
    { kind: 'address', variable, address, local: local?.url ?? `http://127.0.0.1/mock/${name}` },
  ];
  if (secret !== undefined) needs.push(toSecretNeed(secretVariable, secret));
  if (signingSecrets !== undefined) needs.push(toSecretNeed(signingVariable, signingSecrets));

  const createSecrets = (runtime: Runtime): HttpSecretSources => {
    const sources: { -readonly [Key in keyof HttpSecretSources]: HttpSecretSources[Key] } = {};
    if (secret !== undefined) sources.secret = createSecret(secret, secretVariable, runtime);
    if (signingSecrets !== undefined && !isLeftOut(signingSecrets, signingVariable, runtime)) {
      sources.signingSecrets = createSecret(signingSecrets, signingVariable, runtime);
    }
    return sources;
  };

  return {
    ...withDefaults(options),
    kind: 'http',
    needs,
    faults: findRequestFaults(options),
    create(runtime) {
      const literal = typeof address === 'string' ? address : '';
      const set = runtime.environment[variable] ?? '';
      const url = set === '' ? literal : set;
      if (url === '' && typeof address !== 'string') return null;
      return createHttpDestination({ ...requestOptions, ...createSecrets(runtime), name, url });
    },
  };
}

/** One record and many have options of their own. Returns what does not belong together. */
function findRequestFaults({
  batch,
  request,
  requestMany,
  outcomes,
  undeliverableReason,
}: HttpRequestOptions): readonly string[] {
  if (batch !== undefined) {
    if (requestMany === undefined) return ['has batch and no requestMany: add it'];
    return request === undefined ? [] : ['has requestMany and request: leave request out'];
  }
  return Object.entries({ requestMany, outcomes, undeliverableReason })
    .filter(([, option]) => option !== undefined)
    .map(([name]) => `has ${name} and no batch: add batch, with size and windowSeconds`);
}

/** Returns whether the stage does without a secret: the stage parameter that names it is empty. */
function isLeftOut(
  { secretName }: SecretReference,
  variable: string,
  { environment }: Runtime,
): boolean {
  return typeof secretName !== 'string' && (environment[variable] ?? '') === '';
}
