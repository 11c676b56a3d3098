import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { CommandResultSchema, type CopyFormat } from '../commands.ts';
import { getErrorMessage, getJson } from './api.ts';
import { useToast } from './toast.ts';

/**
 * Returns a function that puts a text into the clipboard, and shows that it did, or why it could not.
 * @param what what is copied, as the toast names it
 */
function useCopy(): (getText: () => Promise<string>, what: string) => Promise<void> {
  const showToast = useToast();
  return useCallback(
    async (getText, what) => {
      try {
        await navigator.clipboard.writeText(await getText());
        showToast(`Copied: ${what}`);
      } catch (error) {
        showToast(`Not copied. ${getErrorMessage(error)}`);
      }
    },
    [showToast],
  );
}

/** A button that copies a text. */
export function CopyButton(props: {
  /** On the button. */
  readonly label: string;
  readonly text: string;
  /** What it is, for the toast and for screen readers. */
  readonly what: string;
}): JSX.Element {
  const copy = useCopy();
  return (
    <button
      type="button"
      class="small"
      aria-label={props.label === 'Copy' ? `Copy ${props.what}` : props.label}
      onClick={() => void copy(async () => props.text, props.what)}
    >
      {props.label}
    </button>
  );
}

/** A button that copies a webhook, as the server writes it: the page has no more than it shows. */
export function CopyWebhookButton(props: {
  readonly label: string;
  readonly webhookKey: string;
  readonly format: CopyFormat;
  readonly reveal: boolean;
}): JSX.Element {
  const { label, webhookKey, format, reveal } = props;
  const copy = useCopy();
  const load = async (): Promise<string> => {
    const query = { key: webhookKey, format, reveal: reveal ? 'yes' : 'no' };
    return (await getJson(CommandResultSchema, '/console/copy', query)).text;
  };
  return (
    <button
      type="button"
      class="small"
      aria-label={format === 'curl' ? label : `Copy the ${format}`}
      onClick={() => void copy(load, DESCRIPTIONS[format](reveal))}
    >
      {label}
    </button>
  );
}

const DESCRIPTIONS: Readonly<Record<CopyFormat, (reveal: boolean) => string>> = {
  curl: () => 'a curl command for this machine, with the body as it came, unmasked',
  body: (reveal) => (reveal ? 'the body' : 'the body, masked'),
  record: (reveal) => (reveal ? 'the record' : 'the record, masked'),
};
