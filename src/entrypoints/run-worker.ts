import { ConfigError } from '../config.ts';
import { configOfDeployment } from '../wiring-aws/deployment.ts';
import { fleetWorker } from '../wiring-aws/fleet.ts';

/** Exit code of a start that was refused: bad settings, a taken port. */
const REFUSED = 2;

/**
 * Runs the worker against AWS until SIGTERM, SIGINT or the end of its instance, drains it, and exits with 0. A second
 * signal exits at once: what was in hand comes again from the queue.
 * @param environment suffix of the deployment; without it, the settings name its parts
 */
export async function runFleetWorker(
  flags: Partial<Record<string, string>>,
  environment?: string | undefined,
): Promise<void> {
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort(signal);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    const config = await configOfDeployment(process.env, flags, environment);
    await fleetWorker(config, process.env, stopping.signal);
    process.exit(0);
  } catch (error) {
    const { code, port } = error as { code?: string; port?: number };
    const taken = `Port ${port} of 127.0.0.1 is taken. Give another for the health check (HEALTH_PORT; 0 takes a free one).`;
    const message = error instanceof ConfigError ? error.message : code === 'EADDRINUSE' ? taken : null;
    if (message === null) throw error;
    process.stderr.write(`${message}\n`);
    process.exit(REFUSED);
  }
}
