import type { Usage } from '../bill/usage.ts';
import type { Measured, Units } from '../meter/measured.ts';
import type { DeploymentFacts, FunctionName } from '../template/facts.ts';
import { accessLogBytes } from './access-log.ts';
import { figure } from './figure.ts';
import type { Load } from './load.ts';
import {
  FIREWALL_LOG_BYTES,
  FLOW_RECORD_BYTES,
  FLOW_RECORDS_PER_CALL,
  GIB,
  LOG_EVENT_BYTES,
  LOGS_COMPRESSED,
  LOGS_KEPT_MONTHS,
  PLATFORM_LINES_BYTES,
  REQUEST_LINE_BYTES,
  SECONDS_PER_MONTH,
  TRACED_BY_DEFAULT,
  TRAIL_EVENT_BYTES,
} from './stated.ts';

interface Input {
  readonly facts: DeploymentFacts;
  readonly measured: Measured;
  readonly load: Load;
  /** Of all functions in the month. */
  readonly total: Units;
}

interface Source {
  what: string;
  bytes: number;
  basis: Usage['basis'];
  derivation: string;
  price: 'cw.logs.vended' | 'cw.logs.std';
}

/** What is written to logs, kept there, and traced. */
export function logUsages(input: Input): Usage[] {
  const written = sources(input).filter(({ bytes }) => bytes > 0);
  const gib = written.reduce((all, { bytes }) => all + bytes, 0) / GIB;
  const months = LOGS_KEPT_MONTHS[input.facts.profile];
  return [
    ...written.map(({ what, bytes, basis, derivation, price }): Usage => {
      return { component: 'logs and traces', what, price, quantity: bytes / GIB, basis, derivation };
    }),
    {
      component: 'logs and traces',
      what: 'logs kept',
      price: 'cw.logs.storage',
      quantity: gib * months * LOGS_COMPRESSED,
      basis: 'assumed',
      derivation: `${figure(months)} months, compressed to ${LOGS_COMPRESSED}`,
    },
    ...traces(input),
  ];
}

function sources({ facts, load, total }: Input): Source[] {
  const { edge } = facts;
  const names = Object.keys(load.invoked) as FunctionName[];
  const own = (total['logs.bytes'] ?? 0) + (total['logs.lines'] ?? 0) * LOG_EVENT_BYTES;
  const platform = names
    .filter((name) => facts.functions[name].platformLines)
    .reduce((all, name) => all + load.invoked[name].invocations * PLATFORM_LINES_BYTES, 0);
  const access = edge.kind === 'rest' && edge.accessLogFormat ? accessLogBytes(edge.accessLogFormat) : 0;
  const looked = load.answered + load.blocked;
  // So much is in the price of the requests themselves: 500 MB for a million.
  const firewall = (facts.firewallLogsAll ? looked : load.blocked) * FIREWALL_LOG_BYTES;
  const trail = facts.auditDataEvents ? (total['s3.PutObject'] ?? 0) + (total['s3.GetObject'] ?? 0) : 0;
  return [
    {
      what: 'lines of the functions',
      bytes: own,
      basis: 'metered',
      derivation: `${figure(own / load.paymentsPerMonth)} bytes for each payment, metrics in it`,
      price: 'cw.logs.vended',
    },
    {
      what: 'a line for each request',
      bytes: facts.functions.api.logsRequests ? load.answered * REQUEST_LINE_BYTES : 0,
      basis: 'assumed',
      derivation: `${REQUEST_LINE_BYTES} bytes: who asked for what, and how it went`,
      price: 'cw.logs.vended',
    },
    {
      what: "Lambda's own lines",
      bytes: platform,
      basis: 'assumed',
      derivation: `${PLATFORM_LINES_BYTES} bytes for each invocation`,
      price: 'cw.logs.vended',
    },
    {
      what: 'access log',
      bytes: load.answered * access,
      basis: 'template',
      derivation: `${figure(access)} bytes for each request, by its format`,
      price: 'cw.logs.std',
    },
    {
      what: 'log of the firewall',
      bytes: Math.max(0, firewall - looked * FIREWALL_LOG_INCLUDED),
      basis: 'assumed',
      derivation: `${FIREWALL_LOG_BYTES} bytes for each that it ${facts.firewallLogsAll ? 'sees' : 'blocks'}, less 500 for each that it sees`,
      price: 'cw.logs.vended',
    },
    {
      what: 'flow logs',
      bytes: facts.flowLogs ? load.pspCalls * FLOW_RECORDS_PER_CALL * FLOW_RECORD_BYTES : 0,
      basis: 'assumed',
      derivation: `${FLOW_RECORDS_PER_CALL} records for each call of the PSP`,
      price: 'cw.logs.vended',
    },
    {
      what: "CloudTrail's events",
      bytes: trail * TRAIL_EVENT_BYTES,
      basis: 'assumed',
      derivation: `${TRAIL_EVENT_BYTES} bytes for each access to the audit bucket`,
      price: 'cw.logs.std',
    },
  ];
}

/** Bytes of the firewall's log that come with each request. */
const FIREWALL_LOG_INCLUDED = (0.5 * GIB) / 1_000_000;

function traces({ facts, load }: Input): Usage[] {
  const usages: Usage[] = [];
  const add = (what: string, quantity: number, basis: Usage['basis'], derivation: string) => {
    if (quantity > 0) {
      usages.push({ component: 'logs and traces', what, price: 'xray.trace', quantity, basis, derivation });
    }
  };
  if (facts.edge.kind === 'rest' && facts.edge.tracedShare > 0) {
    const { tracedShare } = facts.edge;
    add(
      'traces of requests',
      load.answered * tracedShare,
      'template',
      `${tracedShare * 100} % of the requests`,
    );
  }
  // Behind API Gateway these follow what the gateway has decided.
  const follow: FunctionName[] = facts.edge.kind === 'rest' ? ['api', 'authorizer'] : [];
  for (const name of Object.keys(load.invoked) as FunctionName[]) {
    if (!facts.functions[name].traced || follow.includes(name)) continue;
    const perSecond = load.invoked[name].invocations / SECONDS_PER_MONTH;
    const first = 1 - Math.exp(-perSecond);
    const traced = first + TRACED_BY_DEFAULT * (perSecond - first);
    add(
      `traces: ${name}`,
      traced * SECONDS_PER_MONTH,
      'assumed',
      'the first of each second, and 5 % of the others: it cannot be told otherwise',
    );
  }
  return usages;
}
