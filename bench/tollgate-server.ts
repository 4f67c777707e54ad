import { createServer } from 'node:http';
import { createPinoLogger } from '../src/adapters/pino/pino-logger.ts';
import { parseConfig } from '../src/config.ts';
import { demoKey } from '../src/entrypoints/demo-key.ts';
import { nodeListener } from '../src/http/node-listener.ts';
import { embedded } from '../src/wiring.ts';

/**
 * The product, as `npm start` runs it, but that it tells the bench about itself; with DRIVERS=off nothing but the
 * accepting runs, so that accepting can be measured alone. Every answer is durable either way.
 */
const config = parseConfig(process.env);
const logger = createPinoLogger(config.LOG_LEVEL, false);
const service = await embedded(config, logger);
const key = await demoKey(service);
const server = createServer(nodeListener(service.app));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const drivers = process.env.DRIVERS === 'off' ? null : service.start(`http://127.0.0.1:${port}`);
  process.stdout.write(`listening ${port} ${key.key ?? ''}\n`);
  process.on('SIGTERM', async () => {
    server.closeAllConnections();
    server.close();
    await drivers?.stop();
    await service.close();
    process.exit(0);
  });
});
