import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** Where the page says what an action came to; screen readers read it out. */
export const ToastContext = createContext<(text: string) => void>(() => {});

/** The function that says it. */
export function useToast(): (text: string) => void {
  return useContext(ToastContext);
}
