import { readFileSync, writeFileSync } from 'node:fs';
import { contractText } from './contract-text.ts';

/** Writes openapi.json from the routes; with --check only says whether the file is what the routes give. */
const path = new URL('../../openapi.json', import.meta.url);
const text = contractText();

if (!process.argv.includes('--check')) {
  writeFileSync(path, text);
} else if (readFileSync(path, 'utf8') !== text) {
  process.stderr.write('openapi.json is not what the routes give. Run: npm run openapi\n');
  process.exit(1);
}
