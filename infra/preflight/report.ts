import { CONTEXT_KEYS } from '../settings.ts';
import type { AccountFacts } from './account-facts.ts';
import type { Advice, Decided, Preflight } from './advise.ts';

/** As `-c key=value` was given on the command line. */
export type Given = Readonly<Record<string, string>>;

const MARKS = { ok: 'ok', stop: 'STOP', unknown: '?' };

/** What a person reads before the first deployment, with the line to deploy by at its end. */
export function preflightReport(
  { account, region }: AccountFacts,
  preflight: Preflight,
  given: Given,
): string {
  const { advice, checks } = preflight;
  const lines = [`Account ${account}, region ${region}`, ''];
  for (const [name, { value, because }] of adviceOf(advice)) {
    lines.push(`  -c ${name}=${value ?? '?'}  (${because})`);
    const said = given[name];
    if (said !== undefined && value !== null && said !== value && !isChoice(name, said, value)) {
      lines.push(`     You gave ${said}, and that will fail or take away what is there.`);
    }
  }
  lines.push('');
  for (const { about, verdict, says } of checks) lines.push(`  ${MARKS[verdict].padEnd(5)}${about}: ${says}`);
  const stops = checks.filter(({ verdict }) => verdict === 'stop').length;
  const open = adviceOf(advice).filter(([, { value }]) => value === null).length;
  lines.push('');
  if (open > 0)
    lines.push(`${open} of the values could not be found out: look them up, or they stay as by default.`);
  if (stops > 0)
    lines.push(`${stops} ${stops === 1 ? 'thing stands' : 'things stand'} in the way; then deploy with:`);
  else lines.push('Deploy with:');
  lines.push('', `  ${deployCommand(advice, given)}`);
  return lines.join('\n');
}

/** `npx cdk deploy` with all that was given and all that the account asks for; defaults are left out. */
export function deployCommand(advice: Preflight['advice'], given: Given): string {
  const values: Record<string, string> = { ...given };
  for (const [name, { value }] of adviceOf(advice)) {
    const said = given[name];
    if (value === null || (said !== undefined && isChoice(name, said, value))) continue;
    if (said !== undefined || value !== DEFAULTS[name]) values[name] = value;
  }
  const options = CONTEXT_KEYS.flatMap((name) =>
    values[name] === undefined ? [] : [`-c ${name}=${values[name]}`],
  );
  return ['npx cdk deploy', ...options].join(' ');
}

const DEFAULTS: Readonly<Record<Decided, string>> = {
  configRecorder: 'create',
  apiGatewayAccount: 'create',
  costAnomalyMonitor: 'create',
  guardDuty: 'off',
  reservedConcurrency: 'on',
};

/** Both are right: whoever says `off` wants none of it, and to make a detector where there is none is a choice. */
function isChoice(name: Decided, said: string, value: string): boolean {
  if (said === value || said === 'off') return true;
  if (name === 'guardDuty') return value === 'off' && said === 'create';
  return name === 'costAnomalyMonitor' && value.startsWith('arn:') && said !== 'create';
}

function adviceOf(advice: Preflight['advice']): [Decided, Advice][] {
  return Object.entries(advice) as [Decided, Advice][];
}
