import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { acceptChallenge } from './accept-challenge.ts';
import { type Step, tourSteps } from './readme-steps.ts';
import { openShell } from './shell.ts';
import { startProduct } from './start-product.ts';

/**
 * Does what README.md says, to the letter: starts the product with `npm start` in an empty data folder, runs every
 * line of the tour in a shell, presses the challenge's button in a real browser, and checks each `# →`.
 */
const project = resolve(import.meta.dirname, '../..');
const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

if (!existsSync(chromium)) {
  process.stderr.write(
    `There is no browser at ${chromium}. Install one (apt-get install chromium) or set CHROMIUM_PATH.\n`,
  );
  process.exit(1);
}

/** The project as a fresh checkout: everything but its data. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-tour-'));
  for (const name of readdirSync(project)) {
    if (!['data', '.git', 'coverage'].includes(name)) symlinkSync(join(project, name), join(folder, name));
  }
  return folder;
}

async function main(): Promise<number> {
  const folder = checkout();
  const product = await startProduct(folder);
  const shell = openShell(folder);
  let failed = 0;
  const check = (ok: boolean, what: string, detail = '') => {
    if (!ok) failed++;
    process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${what}${ok ? '' : `\n${detail}`}\n`);
  };
  try {
    check(/curl -s http/.test(product.banner), 'npm start prints a curl line', product.banner);
    const tried = await shell.run(/Try it:\n([\s\S]*)/.exec(product.banner)?.[1] ?? 'false');
    check(tried.includes('"status":"completed"'), 'and it works', tried);

    for (const step of tourSteps(readFileSync(join(project, 'README.md'), 'utf8'))) {
      const output = await shell.run(onPort(step, product.port));
      for (const expected of step.expected)
        check(output.includes(expected), `${step.title} → ${expected}`, output);
      const challenge = /"url":"(http:[^"]*\/simulator\/challenges\/[^"]*)"/.exec(output)?.[1];
      if (challenge) {
        const landed = await acceptChallenge(chromium, challenge);
        check(landed.endsWith('/docs'), 'the challenge page sends the customer back to return_url', landed);
      }
    }
    shell.close();
    const code = await product.interrupt();
    check(code === 0, 'Ctrl-C stops the server with exit code 0', `exit code ${code}`);
  } finally {
    shell.close();
    product.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  return failed;
}

function onPort(step: Step, port: number): string {
  return step.commands.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`);
}

const failed = await main();
process.stdout.write(
  failed === 0 ? 'The README does what it says.\n' : `${failed} of the README's promises failed.\n`,
);
process.exit(failed === 0 ? 0 : 1);
