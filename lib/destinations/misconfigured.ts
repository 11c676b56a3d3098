import { type Destination, type DestinationOptions, withDefaults } from './destination.ts';
import { retry } from './outcome.ts';

/**
 * Creates the destination that takes the place of one whose address is not valid: its deliveries wait,
 * with an alarm, until a deploy fixes it. If it threw instead, fanOut would not start, and every other
 * destination would stand still.
 * @param fault what is wrong with it, after its name: `has a url that ...`; without the value itself
 */
export function createMisconfigured(options: DestinationOptions, fault: string): Destination {
  return {
    ...withDefaults(options),
    onNoResponse: 'retry',
    fault,
    deliver: async () => retry('misconfigured', { alert: 'destination_misconfigured' }),
  };
}
