import { runFleetWorker } from './run-worker.ts';

await runFleetWorker({});
