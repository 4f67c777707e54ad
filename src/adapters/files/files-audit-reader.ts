import { GENESIS_HASH } from '../../domain/audit-chain.ts';
import { type ChainBreak, type ChainWalk, createChainWalk } from '../../domain/audit-walk.ts';
import type { AnchoredHead, AuditAnchor, AuditLog, AuditVerdict } from '../../ports/audit-log.ts';
import type { Timers } from '../../ports/clock.ts';
import { type LogFiles, nodeLogFiles } from './log-files.ts';
import { scan } from './scan.ts';
import { findTail, type Place, segmentName, type Tail } from './segments.ts';

export interface FilesAuditReaderOptions {
  folder: string;
  anchor: AuditAnchor;
  timers: Pick<Timers, 'sleep'>;
  files?: LogFiles | undefined;
}

export type AuditReader = Pick<AuditLog, 'verify' | 'lines'>;

/** How long bytes beyond the anchor are given to be anchored: far longer than a commit takes. */
const TAIL_WAIT_MS = 2_000;
const TAIL_POLL_MS = 50;

/** How often a head that moves meanwhile is followed: what a busy server goes on writing is for the next verify. */
const MAX_FOLLOWED_HEADS = 10;

const START: Place = { segment: 1, byte: 0 };

/** Reads and checks an audit log in files, also while another process writes it. Changes nothing, ever. */
export function readFilesAuditLog({
  folder,
  anchor,
  timers,
  files = nodeLogFiles,
}: FilesAuditReaderOptions): AuditReader {
  async function verify(expectedHead = GENESIS_HASH): Promise<AuditVerdict> {
    const walk = createChainWalk<Place>(expectedHead);
    let anchored = await anchor.load();
    let from = START;
    for (let followed = 0; ; followed += 1) {
      const broken = (await walkTo(walk, from, anchored)) ?? checkAnchored(walk, anchored);
      if (broken) return verdict(broken);
      const beyond = await lookBeyond(anchored);
      if (beyond.tail) return verdict(tailBreak(anchored, beyond.tail));
      if (!beyond.moved || followed === MAX_FOLLOWED_HEADS) break;
      from = { segment: anchored.segment, byte: anchored.bytes };
      anchored = beyond.moved;
    }
    return walk.met() ? { ok: true, head: walk.head() } : verdict(neverMet(anchored, expectedHead));
  }

  async function walkTo(
    walk: ChainWalk<Place>,
    from: Place,
    anchored: AnchoredHead,
  ): Promise<ChainBreak<Place> | null> {
    for await (const page of scan(files, folder, from, anchored)) {
      for (const found of page) {
        if ('problem' in found) return { ...found, record: walk.head().records + 1 };
        const broken = walk.take(found.line, found.place);
        if (broken) return broken;
      }
    }
    return null;
  }

  /** Nothing, or what stands beyond the head and stays there, or the head to which a writer moved it meanwhile. */
  async function lookBeyond(anchored: AnchoredHead): Promise<{ tail?: Tail; moved?: AnchoredHead }> {
    for (let waitedMs = 0; ; waitedMs += TAIL_POLL_MS) {
      const tail = await findTail(files, folder, anchored);
      if (!tail) return {};
      const moved = await anchor.load();
      if (moved.records > anchored.records) return { moved };
      if (waitedMs >= TAIL_WAIT_MS) return { tail };
      await timers.sleep(TAIL_POLL_MS);
    }
  }

  async function* lines(): AsyncGenerator<string> {
    for await (const page of scan(files, folder, START, await anchor.load())) {
      for (const found of page) {
        if ('problem' in found)
          throw new Error(`${whereOf(found.place)}: ${found.problem} Run "tollgate audit verify".`);
        yield found.line.toString();
      }
    }
  }

  return { verify, lines };
}

function whereOf(place: Place): string {
  return `${segmentName(place.segment)}, byte ${place.byte}`;
}

function verdict({ record, place, problem }: ChainBreak<Place>): AuditVerdict {
  return { ok: false, record, where: whereOf(place), problem };
}

function endOf(anchored: AnchoredHead): Place {
  return { segment: anchored.segment, byte: anchored.bytes };
}

/** A chain that was hashed anew is whole in itself: only the head kept outside tells. */
function checkAnchored(walk: ChainWalk<Place>, anchored: AnchoredHead): ChainBreak<Place> | null {
  const head = walk.head();
  if (head.records === anchored.records && head.hash === anchored.hash) return null;
  const problem =
    `The chain is whole in itself but does not end in its anchored head: it has record ${head.records} with hash ` +
    `${head.hash} where record ${anchored.records} with hash ${anchored.hash} belongs. This record or ones before ` +
    'it were rewritten with new hashes.';
  return { record: Math.max(1, head.records), place: endOf(anchored), problem };
}

function tailBreak(anchored: AnchoredHead, tail: Tail): ChainBreak<Place> {
  const problem =
    `${tail.bytes} bytes stand beyond the anchored head. A crash leaves such a tail, and the next start cuts it and ` +
    'writes it again; if there was no crash, something was added to the log.';
  return { record: anchored.records + 1, place: endOf(anchored), problem };
}

function neverMet(anchored: AnchoredHead, expectedHead: string): ChainBreak<Place> {
  const problem =
    `No record of the chain has the noted head ${expectedHead}. If it was noted from this log, the log was ` +
    'rewritten or truncated since, and its anchor with it.';
  return { record: Math.max(1, anchored.records), place: endOf(anchored), problem };
}
