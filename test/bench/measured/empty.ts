/** The handler that does nothing: what is left is Node's own start and the runtime client. */
export async function handler(): Promise<{ statusCode: number }> {
  return { statusCode: 202 };
}
