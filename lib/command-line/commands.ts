/** The options that every command has. */
const COMMON = {
  json: { usage: 'Print the result as JSON, for programs', type: 'boolean' },
} as const;

const DESTINATION = {
  usage: 'Name of the destination in functions/destinations.ts',
  type: 'string',
} as const;

/** The names of the commands. */
export const RELAY_COMMAND_NAMES = [
  'deliveries',
  'status',
  'check',
  'replay',
  'release',
  'pause',
  'resume',
  'erase',
  'reconcile',
] as const;
export type RelayCommand = (typeof RELAY_COMMAND_NAMES)[number];

const DRY_RUN = { usage: 'Change nothing, and show what would be done', type: 'boolean' } as const;
const CONFIRM = {
  usage: 'The number that the preview shows, where nobody can type it',
  type: 'string',
} as const;

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
  status: {
    usage:
      'Show how the stage is: queues, backlogs, ages, paused destinations, open circuits, alarms',
    lifecycleEvents: ['status'],
    options: COMMON,
  },
  check: {
    usage:
      'Check the stage after a deploy: alarms, secrets, caps, endpoint, a test webhook to each destination',
    lifecycleEvents: ['check'],
    options: COMMON,
  },
  replay: {
    usage:
      'Process again what is in quarantine, or was given up: --from quarantine or --from dead-letters',
    lifecycleEvents: ['replay'],
    options: {
      from: { usage: 'quarantine or dead-letters', type: 'string', required: true },
      record: { usage: 'Only these webhooks: ids with commas between', type: 'string' },
      reason: {
        usage:
          'Only what was given up for these reasons, or quarantined for an issue at these paths',
        type: 'string',
      },
      since: { usage: 'Only from this time on, like 2026-03-05T09:00:00Z', type: 'string' },
      until: { usage: 'Only before this time', type: 'string' },
      destination: { usage: 'dead-letters: only those of this destination', type: 'string' },
      as: { usage: 'dead-letters: deliver to this destination instead', type: 'string' },
      mapping: { usage: 'quarantine: parse with this mapping, or none', type: 'string' },
      'posted-to': {
        usage: 'quarantine: only what was posted to the URL of this mapping, or none',
        type: 'string',
      },
      'accept-late': {
        usage: 'quarantine: take late repeats too, which may have been delivered before',
        type: 'boolean',
      },
      limit: { usage: 'Move so many messages at most', type: 'string' },
      'dry-run': DRY_RUN,
      ...COMMON,
    },
  },
  release: {
    usage:
      'Let what was delivered to one destination be delivered there once more, when you send it again in Voucherify',
    lifecycleEvents: ['release'],
    options: {
      record: {
        usage: 'Ids of webhooks, with commas between; - reads them from standard input, one a line',
        type: 'string',
        required: true,
      },
      destination: { ...DESTINATION, required: true },
      'dry-run': DRY_RUN,
      confirm: CONFIRM,
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
  erase: {
    usage: 'Erase a person: from the table, the dead letters and the quarantine',
    lifecycleEvents: ['erase'],
    options: {
      customer: {
        usage: 'By e-mail or source id: asks for it, or reads some from standard input, one a line',
        type: 'boolean',
      },
      code: { usage: 'By code, likewise', type: 'boolean' },
      'dry-run': DRY_RUN,
      confirm: CONFIRM,
      ...COMMON,
    },
  },
  reconcile: {
    usage: 'Compare what Voucherify published in a period with what came, and list what never came',
    lifecycleEvents: ['reconcile'],
    options: {
      since: { usage: 'From this time on, like 2026-03-05', type: 'string', required: true },
      until: { usage: 'Before this time; now by default', type: 'string' },
      campaign: { usage: 'Only this campaign, all of which should come', type: 'string' },
      all: { usage: 'Everything that the project publishes should come', type: 'boolean' },
      show: { usage: 'Show the codes of what is missing', type: 'boolean' },
      ...COMMON,
    },
  },
} satisfies { readonly [Name in RelayCommand]: object };

/** What the plugin declares to osls. */
export const COMMANDS = {
  relay: {
    usage: 'Look up deliveries, replay, pause: the commands for whoever is on call',
    commands: RELAY_COMMANDS,
  },
};
