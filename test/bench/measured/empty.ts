/** A handler without work: its cold start is that of Node and of the runtime client. */
export async function handler(): Promise<{ statusCode: number }> {
  return { statusCode: 202 };
}
