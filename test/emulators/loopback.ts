import type { Server } from 'node:http';

export interface Loopback {
  endpoint: string;
  /** Breaks off what is open: nobody is left to wait for it. */
  stop(): Promise<void>;
}

/** Has a server listen on a free port of this machine's loopback. */
export async function onLoopback(server: Server): Promise<Loopback> {
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
