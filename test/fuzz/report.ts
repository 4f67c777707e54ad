import type { Finding } from './player.ts';
import type { FuzzReport } from './run-fuzz.ts';

/** A request is shown whole unless it is very long. */
const SHOWN_BYTES = 4_000;
const SHOWN_OUTCOMES = 6;

/** By kind: how many, and what they were answered with. */
export function kindTable({ tally }: FuzzReport): string {
  const rows = tally.rows().map(({ kind, exchanges, requests, outcomes }) => {
    const shown = outcomes
      .slice(0, SHOWN_OUTCOMES)
      .map(([name, count]) => `${name} ×${count.toLocaleString('en')}`);
    const more = outcomes.length > SHOWN_OUTCOMES ? [`${outcomes.length - SHOWN_OUTCOMES} others`] : [];
    return [
      kind,
      exchanges.toLocaleString('en'),
      requests.toLocaleString('en'),
      [...shown, ...more].join(', '),
    ];
  });
  const all = [
    ['kind', 'drawn', 'requests', 'answered with'],
    ...rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] as string).length)));
  const line = ([kind = '', drawn = '', requests = '', answers = '']: string[]) =>
    `  ${kind.padEnd(widths[0] as number)}  ${drawn.padStart(widths[1] as number)}  ${requests.padStart(widths[2] as number)}  ${answers}`;
  return all.map(line).join('\n');
}

export function summary(report: FuzzReport): string {
  const { tally, seconds, usage, payments, auditRecords, files, unseen, promised, findings, wrongs } = report;
  const requests = tally.requests();
  const used = usage
    ? `${mb(usage.before.memoryMb)} before, ${mb(usage.mostMemoryMb)} at most, ${mb(usage.after.memoryMb)} after`
    : 'not told by this system';
  const { user, system } = process.cpuUsage();
  const own = `${((user + system) / 1e6).toFixed(1)} s of the fuzzer`;
  const processor = usage ? `${usage.after.processorSeconds.toFixed(1)} s of the server, ${own}` : own;
  const open = usage ? `${usage.before.files} before, ${usage.after.files} after` : 'not told by this system';
  const rows: readonly [string, string][] = [
    [
      'requests',
      `${requests.toLocaleString('en')} in ${seconds.toFixed(1)} s, ${Math.round(requests / seconds).toLocaleString('en')}/s`,
    ],
    ['processor time', processor],
    ['memory of the server', used],
    ['open files and connections', open],
    ['payments in the end', payments.toLocaleString('en')],
    ['audit records', auditRecords.toLocaleString('en')],
    ['files searched for the card number and keys', String(files)],
    ['answers of the document that came', `${promised - unseen.length} of ${promised}`],
    [
      'found',
      findings.length + wrongs.length === 0 ? 'nothing' : `${findings.length + wrongs.length} FINDINGS`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

const mb = (value: number) => `${Math.round(value)} MB`;

/** What never came, by the path that would have told it. */
export function unseenList({ unseen }: FuzzReport): string {
  const byAnswer = new Map<string, string[]>();
  for (const name of unseen) {
    const [method = '', path = '', ...answer] = name.split(' ');
    const key = answer.join(' ');
    byAnswer.set(key, [...(byAnswer.get(key) ?? []), `${method} ${path}`]);
  }
  return [...byAnswer]
    .map(
      ([answer, where]) => `  ${answer}: ${where.length > 4 ? `${where.length} routes` : where.join(', ')}`,
    )
    .join('\n');
}

export function findingText(seed: number, { number, kind, faults, sent }: Finding): string {
  const bytes = sent.map((one) => `    ${escaped(one)}`).join('\n');
  const wrong = faults.map((fault) => `    - ${fault}`).join('\n');
  return `Number ${number} of seed ${seed} (${kind}):\n${wrong}\n  was sent:\n${bytes}\n  again: npm run fuzz -- --seed ${seed} --only ${number}\n`;
}

/** Bytes as a text that loses nothing of them. */
export function escaped(bytes: Buffer): string {
  const text = bytes
    .toString('latin1')
    .replace(/[^\n\r\t -~]|\\/g, (character) =>
      character === '\\' ? '\\\\' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
    )
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');
  if (text.length <= SHOWN_BYTES) return text;
  return `${text.slice(0, SHOWN_BYTES)}… (${bytes.length} bytes in all)`;
}
