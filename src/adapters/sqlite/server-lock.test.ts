import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderInUseError, findServer, lockFolder } from './server-lock.ts';

let folder = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(folder, { recursive: true });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Another process that holds the lock of the folder, until it is killed. */
async function holder(description: string | null): Promise<ChildProcess> {
  const code = `
    import { lockFolder } from ${JSON.stringify(new URL('./server-lock.ts', import.meta.url).href)};
    const lock = lockFolder(${JSON.stringify(folder)});
    const description = ${JSON.stringify(description)};
    if (description !== null) lock.describe(description);
    process.stdout.write('locked');
    process.stdin.resume();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  expect(String(said)).toBe('locked');
  return child;
}

describe('the lock of a folder', () => {
  it('is refused while another process holds it, with a message that says who, and what to do', async () => {
    await holder('process 42 at http://127.0.0.1:8080');
    expect(() => lockFolder(folder)).toThrow(FolderInUseError);
    expect(() => lockFolder(folder)).toThrow(
      `${folder} is in use by process 42 at http://127.0.0.1:8080. ` +
        'Stop that server first, or give this one another folder (DATA_DIR, --data-dir).',
    );
    expect(findServer(folder)).toBe('process 42 at http://127.0.0.1:8080');
  });

  it('ends with the process that holds it, however that ends', async () => {
    const child = await holder('process 42');
    await kill(child);
    expect(findServer(folder)).toBeNull();
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(FolderInUseError);
    lock.release();
  });

  it('does not name a server that was killed as the one that starts now', async () => {
    await kill(await holder('process 42'));
    await holder(null);
    expect(findServer(folder)).toBe('another process');
    expect(() => lockFolder(folder)).toThrow('in use by another process');
  });

  it('is refused to a second server of one process, and not lost by the refusal', async () => {
    const lock = lockFolder(folder);
    lock.describe('process 7');
    expect(() => lockFolder(folder)).toThrow('in use by process 7');
    expect(findServer(folder)).toBe('process 7');
    expect(() => lockFolder(folder)).toThrow(FolderInUseError);
    lock.release();
  });

  it('is free again once it is released, and leaves nobody named', () => {
    for (let round = 0; round < 3; round++) {
      const lock = lockFolder(folder);
      lock.describe('process 7');
      lock.release();
      expect(findServer(folder)).toBeNull();
    }
    expect(existsSync(join(folder, 'server.txt'))).toBe(false);
  });

  it('says what is wrong where the folder cannot be used at all', () => {
    const missing = join(folder, 'missing');
    expect(() => lockFolder(missing)).toThrow('unable to open database file');
    expect(() => lockFolder(missing)).not.toThrow(FolderInUseError);
    writeFileSync(join(folder, 'server.lock'), 'not a database'.repeat(100));
    expect(() => lockFolder(folder)).toThrow('file is not a database');
  });
});
