import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the machine knows of a process and its data folder. */
export interface OutsideVitals {
  residentBytes: number;
  /** Open handles that are no sockets: files, pipes, timers. */
  files: number;
  /** Connections come and go with the load. */
  sockets: number;
  /** Write-ahead logs of the two databases. */
  walBytes: number;
  folderBytes: number;
}

export function readVitals(pid: number, folder: string): OutsideVitals {
  const handles = handlesOf(pid);
  const sockets = handles.filter((target) => target.startsWith('socket:')).length;
  const sizes = filesIn(folder);
  const sum = (all: readonly { bytes: number }[]) => all.reduce((total, { bytes }) => total + bytes, 0);
  return {
    residentBytes: residentBytes(pid),
    files: handles.length - sockets,
    sockets,
    walBytes: sum(sizes.filter(({ name }) => name.endsWith('-wal'))),
    folderBytes: sum(sizes),
  };
}

function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1_024;
}

function handlesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))];
    } catch (error) {
      // Closed since the folder was read.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });
}

function filesIn(folder: string): { name: string; bytes: number }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((name) => existsSync(name))
    .map((name) => ({ name, bytes: statSync(name).size }));
}
