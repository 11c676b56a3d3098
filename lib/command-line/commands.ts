/** The options that every command has. */
const COMMON = {
  json: { usage: 'Print the result as JSON, for programs', type: 'boolean' },
} as const;

const DESTINATION = {
  usage: 'Name of the destination in functions/destinations.ts',
  type: 'string',
} as const;

/** The names of the commands. */
export const RELAY_COMMAND_NAMES = ['deliveries', 'pause', 'resume'] as const;
export type RelayCommand = (typeof RELAY_COMMAND_NAMES)[number];

/**
 * The commands of the operator, as osls declares them: what `npx sls relay --help` and
 * `npx sls relay <command> --help` print. Each has the options of osls too, such as --stage and --region.
 */
const RELAY_COMMANDS = {
  deliveries: {
    usage:
      'Show whether a customer got a code: every delivery, its state, attempts and next attempt',
    lifecycleEvents: ['deliveries'],
    options: {
      customer: {
        usage: 'Of a customer: asks for the e-mail or source id, or reads it from standard input',
        type: 'boolean',
      },
      code: { usage: 'Of a code: asks for it, or reads it from standard input', type: 'boolean' },
      record: { usage: 'Of one webhook: its id, whs_...', type: 'string' },
      destination: DESTINATION,
      state: { usage: 'With --destination: waiting (the default) or dead', type: 'string' },
      before: { usage: 'Only older ones: what the last page names', type: 'string' },
      ...COMMON,
    },
  },
  pause: {
    usage: 'Stop the deliveries to one destination: they wait in its queue, and deploys keep it so',
    lifecycleEvents: ['pause'],
    options: {
      destination: { ...DESTINATION, required: true },
      reason: { usage: 'Why, for whoever reads it later', type: 'string' },
    },
  },
  resume: {
    usage: 'Start the deliveries to a paused destination again',
    lifecycleEvents: ['resume'],
    options: { destination: { ...DESTINATION, required: true } },
  },
} satisfies { readonly [Name in RelayCommand]: object };

/** What the plugin declares to osls. */
export const COMMANDS = {
  relay: {
    usage: 'Look up deliveries, replay, pause: the commands for whoever is on call',
    commands: RELAY_COMMANDS,
  },
};
