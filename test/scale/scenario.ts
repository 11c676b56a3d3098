import type { World } from './world.ts';

/** A figure of a scenario, and what it has to be. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  /** Null: it is only printed. */
  readonly bar: { readonly atMost: number } | { readonly exactly: number } | null;
}

/** The result of a scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** Virtual time, and the time that it took. */
  readonly virtualHours: number;
  readonly seconds: number;
}

/** A scenario of the command. */
export interface Scenario {
  /** For --only. */
  readonly name: string;
  readonly title: string;
  /** How many deliveries it makes: the command begins with the largest. */
  readonly size: number;
  readonly run: (report: Report, course?: Course) => Promise<readonly Figure[]>;
}

/** How a scenario is run. */
export interface Course {
  /** The share of its size: 1, or less for a quick run of the same kind. */
  readonly share: number;
  /** Decides about everything that is left to chance. */
  readonly seed: number;
}

/** The course of `npm run scale`. */
export const WHOLE: Course = { share: 1, seed: 1 };

/** Gets the world that a scenario has just made, so that its progress can be shown. */
export type Report = (world: World) => void;

/** Whether a figure is what it has to be; null where nothing is required. */
export function isMet({ value, bar }: Figure): boolean | null {
  if (bar === null) return null;
  return 'atMost' in bar ? value <= bar.atMost : value === bar.exactly;
}
