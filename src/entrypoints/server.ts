import { parseArgs } from 'node:util';
import { flagName, SETTINGS, type SettingName } from '../config.ts';
import { UnavailableError } from '../ports/faults.ts';
import { runServer } from './run-server.ts';

/** Exit code of a start for which something could not be reached: it is worth another try. */
const FAULT = 4;

const names = Object.keys(SETTINGS) as SettingName[];
const options = Object.fromEntries(names.map((name) => [flagName(name), { type: 'string' as const }]));

try {
  const { values } = parseArgs({ options, strict: true });
  const flags = names.flatMap((name) => {
    const value = values[flagName(name)];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  await runServer(Object.fromEntries(flags));
} catch (error) {
  if (error instanceof UnavailableError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(FAULT);
  }
  const { code, message } = error as { code?: string; message?: string };
  if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
  process.stderr.write(`${message}\nSettings: ${names.map((name) => `--${flagName(name)}`).join(', ')}\n`);
  process.exit(2);
}
