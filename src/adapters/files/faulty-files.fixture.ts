import { type LogFiles, nodeLogFiles } from './log-files.ts';

type Call = 'append' | 'sync' | 'truncate' | 'remove' | 'syncFolder' | 'openToAppend';

export interface FaultyFiles extends LogFiles {
  /** The next calls of that name reject; an append first writes `writtenBytes` of what it was given. */
  fail(call: Call, times?: number, writtenBytes?: number): void;
  /** Every call that changes something, in order. */
  calls: Call[];
}

/** The real file system, whose calls fail when they are told to. */
export function faultyFiles(): FaultyFiles {
  const faults = new Map<Call, { times: number; writtenBytes: number }>();
  const calls: Call[] = [];

  async function enter(call: Call, onFault?: (writtenBytes: number) => Promise<void>): Promise<void> {
    calls.push(call);
    const fault = faults.get(call);
    if (!fault || fault.times === 0) return;
    fault.times -= 1;
    await onFault?.(fault.writtenBytes);
    throw new Error(`injected fault in ${call}`);
  }

  return {
    ...nodeLogFiles,
    calls,
    fail: (call, times = 1, writtenBytes = 0) => faults.set(call, { times, writtenBytes }),
    async openToAppend(path) {
      await enter('openToAppend');
      const file = await nodeLogFiles.openToAppend(path);
      return {
        async append(bytes) {
          await enter('append', (writtenBytes) => file.append(bytes.subarray(0, writtenBytes)));
          await file.append(bytes);
        },
        async sync() {
          await enter('sync');
          await file.sync();
        },
        close: () => file.close(),
      };
    },
    async truncate(path, bytes) {
      await enter('truncate');
      await nodeLogFiles.truncate(path, bytes);
    },
    async remove(path) {
      await enter('remove');
      await nodeLogFiles.remove(path);
    },
    async syncFolder(folder) {
      await enter('syncFolder');
      await nodeLogFiles.syncFolder(folder);
    },
  };
}
