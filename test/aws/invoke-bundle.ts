import { pathToFileURL } from 'node:url';

/** Stands in for the runtime in a process of its own: loads a bundle, and invokes it with each event that it is sent. */
const { handler } = (await import(pathToFileURL(process.argv[2] as string).href)) as {
  handler: (event: unknown, context: object) => Promise<unknown>;
};
const context = { getRemainingTimeInMillis: () => 60_000, functionName: 'bundle' };

process.on('message', async ({ event }: { event: unknown }) => {
  try {
    process.send?.({ result: (await handler(event, context)) ?? null });
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
