import type { ConsoleNotification, Level } from '../protocol.ts';

/** The newest notifications for the page. */
export interface Notifications {
  add(level: Level, text: string): void;
  /** The notifications after a number. */
  since(number: number): ConsoleNotification[];
}

const MAX_NOTIFICATIONS = 20;

/**
 * Creates an empty list of notifications.
 * @param now the time in milliseconds since 1970
 */
export function createNotifications(now: () => number): Notifications {
  const notifications: ConsoleNotification[] = [];
  let number = 0;
  return {
    add(level, text) {
      number += 1;
      notifications.push({ number, at: now(), level, text });
      if (notifications.length > MAX_NOTIFICATIONS) notifications.shift();
    },
    since: (lastNumber) => notifications.filter((each) => each.number > lastNumber),
  };
}
