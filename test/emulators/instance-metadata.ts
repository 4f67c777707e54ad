import { createServer } from 'node:http';
import { onLoopback } from './loopback.ts';

export interface InstanceMetadataStandIn {
  endpoint: string;
  /** From now on the instance is about to be taken away, as a spot instance. */
  interrupt(): void;
  /** How often it was asked about that. */
  readonly looks: number;
  stop(): Promise<void>;
}

const TOKEN = 'token';

/** The metadata service that an instance has at its own address: it answers those with a token alone (IMDSv2). */
export async function startInstanceMetadata(): Promise<InstanceMetadataStandIn> {
  let interrupted = false;
  let looks = 0;

  function answerTo(method: string, path: string, token: unknown): [status: number, body: string] {
    if (method === 'PUT' && path === '/latest/api/token') return [200, TOKEN];
    if (token !== TOKEN) return [401, ''];
    if (path === '/latest/meta-data/autoscaling/target-lifecycle-state') return [200, 'InService'];
    if (path !== '/latest/meta-data/spot/instance-action') return [404, ''];
    looks += 1;
    return interrupted ? [200, '{"action":"terminate","time":"2026-03-02T10:02:00Z"}'] : [404, ''];
  }

  const server = createServer(({ method = '', url = '', headers }, response) => {
    const [status, body] = answerTo(method, url, headers['x-aws-ec2-metadata-token']);
    response.writeHead(status).end(body);
  });
  const { endpoint, stop } = await onLoopback(server);
  return {
    endpoint,
    interrupt() {
      interrupted = true;
    },
    get looks() {
      return looks;
    },
    stop,
  };
}
