import { spawn } from 'node:child_process';

export interface Shell {
  /** Runs lines in the one shell, so that what they define stays; answers what they print, errors too. */
  run(lines: string): Promise<string>;
  close(): void;
}

/** A `bash` in a folder, as a reader of the README has one. */
export function openShell(folder: string): Shell {
  const child = spawn('bash', { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let seen: () => void = () => undefined;
  const take = (chunk: Buffer) => {
    output += chunk.toString('utf8');
    seen();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  let count = 0;
  return {
    run(lines) {
      const marker = `__step_${count++}_done__`;
      output = '';
      child.stdin.write(`${lines}\necho; echo ${marker}\n`);
      return new Promise((resolve) => {
        seen = () => {
          if (output.includes(marker)) resolve(output.slice(0, output.indexOf(marker)));
        };
      });
    },
    close: () => child.stdin.end(),
  };
}
