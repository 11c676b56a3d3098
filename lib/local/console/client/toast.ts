import { createContext } from 'preact';
import { useCallback, useContext } from 'preact/hooks';
import { getErrorMessage, runCommand } from './api.ts';

/** Shows a text at the bottom of the page. Screen readers announce it. */
export const ToastContext = createContext<(text: string) => void>(() => {});

/** Returns the function that shows a toast. */
export function useToast(): (text: string) => void {
  return useContext(ToastContext);
}

/** Returns a function that sends a command and shows its result, or the error, as a toast. It never rejects. */
export function useCommand(): (path: string, input: object) => Promise<void> {
  const showToast = useToast();
  return useCallback(
    async (path: string, input: object) =>
      showToast(await runCommand(path, input).catch(getErrorMessage)),
    [showToast],
  );
}
