import { UnavailableError } from '../ports/faults.ts';
import { runFleetWorker } from './run-worker.ts';

/** Exit code of a start for which something could not be reached: it is worth another try. */
const FAULT = 4;

try {
  await runFleetWorker({});
} catch (error) {
  if (!(error instanceof UnavailableError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(FAULT);
}
