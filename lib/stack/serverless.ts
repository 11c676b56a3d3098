import * as v from 'valibot';
import type { DestinationDeclaration } from '../destinations/declaration.ts';
import type { PlannedDestination } from './plan-destinations.ts';
import type { ClientSettings, StackClients } from './stack-clients.ts';

/** The parts of osls that we use; osls has no types. */
export interface Serverless {
  readonly serviceDir: string;
  /** The configuration; its variables are resolved when the hook `initialize` runs. */
  readonly configurationInput: unknown;
  readonly processedInput: {
    readonly commands: readonly string[];
    readonly options?: { readonly param?: readonly string[] | undefined };
  };
  /** The functions with their archives, once they are packaged. */
  readonly service?: unknown;
  /** The provider with the settings of AWS clients: the developer's credentials, and the stage's region. */
  getProvider(name: 'aws'): { getAwsSdkV3Config(): Promise<ClientSettings> };
  /** Errors of this class are printed without a stack trace. */
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

/** How a plugin prints. */
export interface Writers {
  readonly writeText: (text: string) => void;
}

/** The declared destinations, and those of them that exist in the stage. */
export interface AppliedDestinations {
  readonly declarations: readonly DestinationDeclaration[];
  readonly planned: readonly PlannedDestination[];
}

/** The template, once osls has compiled it. */
const CompiledSchema = v.object({
  provider: v.object({
    compiledCloudFormationTemplate: v.object({ Resources: v.record(v.string(), v.unknown()) }),
  }),
});

/** Returns the resources of the compiled template, each of them itself and not a copy. */
export function readCompiledResources({ service }: Serverless): Record<string, unknown> {
  return v.parse(CompiledSchema, service).provider.compiledCloudFormationTemplate.Resources;
}

/** Calls AWS with the developer's credentials, in the stage's region. */
export async function withClients<Value>(
  serverless: Serverless,
  run: (clients: StackClients) => Promise<Value>,
): Promise<Value> {
  // imported here, so that other commands do not wait for it
  const { withStackClients } = await import('./stack-clients.ts');
  return withStackClients(await serverless.getProvider('aws').getAwsSdkV3Config(), run);
}
