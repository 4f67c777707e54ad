import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Strace {
  /** Lets go of the process, which goes on undisturbed. */
  stop(): Promise<void>;
}

/** Why strace cannot be used here; the message says what to do. */
export class StraceError extends Error {
  override readonly name = 'StraceError';
}

/**
 * Attaches strace to a process and all its threads.
 * @param options of strace, such as what to trace, and where to write it
 * @throws StraceError if it is not installed, or may not attach
 */
export async function attachStrace(pid: number | undefined, options: readonly string[]): Promise<Strace> {
  const child = spawn('strace', ['-f', ...options, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  const attached = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/attached/.test(said)) resolve();
    });
    child.once('error', (error) => {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      reject(
        new StraceError(
          missing ? 'strace is not on this machine. Install it: apt-get install strace' : String(error),
        ),
      );
    });
    child.once('exit', (code) =>
      reject(
        new StraceError(
          `strace cannot attach to process ${pid} here (exit code ${code}): ${said.trim()}\n` +
            'Run as root, or allow it: sysctl kernel.yama.ptrace_scope=0; in a container --cap-add SYS_PTRACE.',
        ),
      ),
    );
  });
  await attached;
  return {
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
    },
  };
}
