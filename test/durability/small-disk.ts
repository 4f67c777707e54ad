import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  /** ext4 on a loop device, or tmpfs where there are none. */
  kind: string;
  folder: string;
  /** Leaves not a byte. */
  fill(): void;
  /** Gives back what `fill` took. */
  free(): void;
  remove(): void;
}

/** Why there can be no small disk here. */
export class NoDiskError extends Error {
  override readonly name = 'NoDiskError';
}

const SIZE_BYTES = 48 * 1024 * 1024;
const PIECES_BYTES = [1024 * 1024, 4096, 1];

/** @throws NoDiskError where this process may not mount anything */
export function makeSmallDisk(): SmallDisk {
  const place = mkdtempSync(join(tmpdir(), 'tollgate-disk-'));
  const mounted = join(place, 'disk');
  mkdirSync(mounted);
  const kind = mount(place, mounted);
  const ballast = join(mounted, 'ballast');
  return {
    kind,
    folder: join(mounted, 'data'),
    fill() {
      for (const bytes of PIECES_BYTES) {
        const piece = Buffer.alloc(bytes, 1);
        while (appended(ballast, piece));
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      execFileSync('umount', [mounted]);
      rmSync(place, { recursive: true });
    },
  };
}

function mount(place: string, mounted: string): string {
  const image = join(place, 'image');
  const quiet = { stdio: 'pipe' } as const;
  try {
    writeFileSync(image, '');
    truncateSync(image, SIZE_BYTES);
    execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', image], quiet);
    execFileSync('mount', ['-o', 'loop', image, mounted], quiet);
    return 'ext4';
  } catch (loopError) {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_BYTES}`, 'none', mounted], quiet);
      return 'tmpfs';
    } catch (error) {
      rmSync(place, { recursive: true });
      throw new NoDiskError(`Nothing can be mounted here (run as root): ${text(loopError)}; ${text(error)}`);
    }
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1).join('') : String(error);
}

function appended(path: string, piece: Buffer): boolean {
  try {
    writeFileSync(path, piece, { flag: 'a' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
