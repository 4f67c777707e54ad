import { createPinoLogger } from '../src/adapters/pino/pino-logger.ts';
import { parseConfig } from '../src/config.ts';
import { demoKey } from '../src/entrypoints/demo-key.ts';
import { openService } from '../src/entrypoints/open-service.ts';

/**
 * The product, as `npm start` runs it, but that it tells the bench about itself; with DRIVERS=off nothing but the
 * accepting runs, so that accepting can be measured alone. Every answer is durable either way.
 */
const config = parseConfig({ ...process.env, PORT: '0' });
const logger = createPinoLogger(config.LOG_LEVEL, false);
const service = await openService(config, logger, (error) => {
  throw error;
});
const key = await demoKey(service.first);
const listener = await service.listen();
const drivers = process.env.DRIVERS === 'off' ? null : service.start(listener.url);
process.stdout.write(`listening ${new URL(listener.url).port} ${key.key ?? ''}\n`);
process.on('SIGTERM', async () => {
  await listener.close();
  await drivers?.stop();
  await service.close();
  process.exit(0);
});
