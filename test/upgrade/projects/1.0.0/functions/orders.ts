/** A function of the merchant, which reads a queue of its own. */
export async function handler(event: { readonly Records: readonly unknown[] }): Promise<number> {
  return event.Records.length;
}
