import type { ReceivedWebhook } from '../state/received-webhook.ts';
import { collectPersonalValues, maskJson, type PersonalValues } from './mask.ts';
import { maskPersonalValues } from './personal-data.ts';

/**
 * Masks a text.
 * @param truncatedCharacters how many characters of it were not stored
 * @param isOfOthers whether it also says something about other webhooks, whose values are not known
 */
export type Mask = (text: string, truncatedCharacters?: number, isOfOthers?: boolean) => string;

/** Masks what belongs to one webhook. */
export interface WebhookMask {
  readonly mask: Mask;
  /** Masks only what is known to be personal, in a text of any form. */
  readonly maskKnown: (text: string) => string;
}

/**
 * Creates the mask of one webhook.
 * @param recordText its record; null when it has none
 * @param reveal whether to mask nothing
 */
export function createWebhookMask(
  webhook: Pick<ReceivedWebhook, 'body' | 'log'>,
  recordText: string | null,
  reveal: boolean,
): WebhookMask {
  const personalValues = collectPersonalValues([webhook.body, recordText ?? '']);
  const isUnknownBody = recordText === null && webhook.log?.status !== 'rejected';
  return {
    mask: createMask(reveal, personalValues, isUnknownBody),
    maskKnown: (text) => (reveal ? text : maskPersonalValues(text, personalValues.pattern)),
  };
}

/** It masks each text once: retries send the same body again and again. */
function createMask(reveal: boolean, personalValues: PersonalValues, isUnknownBody: boolean): Mask {
  const maskedTexts = new Map<string, string>();
  return (text, truncatedCharacters = 0, isOfOthers = false) => {
    if (reveal) return text;
    const key = `${isOfOthers} ${text}`;
    const known = maskedTexts.get(key);
    if (known !== undefined) return known;
    const masked = maskJson(text, {
      personalValues: personalValues.pattern,
      maskAllText:
        isUnknownBody || isOfOthers || truncatedCharacters > 0 || !personalValues.isComplete,
    });
    maskedTexts.set(key, masked);
    return masked;
  };
}
