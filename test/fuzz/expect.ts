import type { Answer } from '../http/answer-rules.ts';

/** `201`, or with the code of a refusal `400 invalid_request`. */
export function outcome({ status, json }: Answer): string {
  return status >= 400 && typeof json.code === 'string' ? `${status} ${json.code}` : String(status);
}

/** A single answer that is one of these; a bare status stands for all its codes. */
export function answered(...allowed: readonly string[]) {
  return ([answer, ...more]: readonly Answer[]): string[] => {
    if (!answer) return ['there is no answer'];
    if (more.length > 0) return [`there are ${1 + more.length} answers`];
    const came = outcome(answer);
    if (allowed.includes(came) || allowed.includes(String(answer.status))) return [];
    return [
      `answered with ${came}, and should be with ${allowed.join(' or ')}: ${answer.text.slice(0, 300)}`,
    ];
  };
}

/** A single answer that is anything but these. */
export function notAnswered(...refused: readonly string[]) {
  return ([answer]: readonly Answer[]): string[] => {
    if (!answer) return ['there is no answer'];
    const came = outcome(answer);
    if (!refused.includes(came) && !refused.includes(String(answer.status))) return [];
    return [`answered with ${came}: ${answer.text.slice(0, 300)}`];
  };
}

/** Whatever the document allows. */
export function anything(): string[] {
  return [];
}

/** What differs between fields that were sent and those of an answer. */
export function differing(
  sent: Readonly<Record<string, unknown>>,
  shown: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(sent).flatMap(([name, value]) =>
    JSON.stringify(sorted(value)) === JSON.stringify(sorted(shown[name]))
      ? []
      : [`${name} is ${JSON.stringify(shown[name])}, and was sent as ${JSON.stringify(value)}`],
  );
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
