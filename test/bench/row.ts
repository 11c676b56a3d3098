/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly measured: number;
  readonly unit: '' | ' KB' | ' %' | ' ms' | ' calls';
  /** Null where there is none. */
  readonly bar: { readonly atMost: number } | { readonly atLeast: number } | null;
  /** The same thing against itself: how much the figure is worth on this machine. */
  readonly control: number | null;
  /** What was measured, in a few words. */
  readonly detail: string;
}

/** Whether the figure is within its bar; null without one. */
export function isMet({ measured, bar }: Row): boolean | null {
  if (bar === null) return null;
  return 'atMost' in bar ? measured <= bar.atMost : measured >= bar.atLeast;
}
