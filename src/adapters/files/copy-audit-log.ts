import type { AnchoredHead } from '../../ports/audit-log.ts';
import { type LogFiles, nodeLogFiles } from './log-files.ts';
import { segmentPath } from './segments.ts';

/**
 * Copies the segments up to a head, while another process writes beyond it: what lies before a head never changes.
 * @throws if they end before the head
 */
export async function copyAuditLog(
  from: string,
  to: string,
  head: AnchoredHead,
  files: LogFiles = nodeLogFiles,
): Promise<void> {
  await files.makeFolder(to);
  for (let segment = 1; segment <= head.segment; segment += 1) {
    const source = segmentPath(from, segment);
    const bytes = segment === head.segment ? head.bytes : await files.sizeOf(source);
    if (bytes === 0) continue;
    if (bytes === null) throw new Error(`The audit log cannot be copied: ${source} is missing.`);
    const target = await files.openToAppend(segmentPath(to, segment));
    let copied = 0;
    try {
      for await (const chunk of files.read(source, 0, bytes)) {
        await target.append(chunk);
        copied += chunk.length;
      }
      await target.sync();
    } finally {
      await target.close();
    }
    if (copied < bytes)
      throw new Error(`The audit log cannot be copied: ${source} ends ${bytes - copied} bytes early.`);
  }
  await files.syncFolder(to);
}
