import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** Where the page says what an action came to; screen readers read it out. */
export const Say = createContext<(text: string) => void>(() => {});

/** The function that says it. */
export function useSay(): (text: string) => void {
  return useContext(Say);
}
