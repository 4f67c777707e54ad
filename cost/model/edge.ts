import type { Usage } from '../bill/usage.ts';
import type { Mix } from '../mix/mix.ts';
import type { DeploymentFacts } from '../template/facts.ts';
import { figure } from './figure.ts';
import type { Load } from './load.ts';
import { EDGE_HASH_SECONDS, EDGE_LOG_BYTES, GIB, LOGS_KEPT_MONTHS, MEGABYTES_PER_GB } from './stated.ts';

interface Input {
  readonly facts: DeploymentFacts;
  readonly mix: Mix;
  readonly load: Load;
}

/** Requests at the edge, the firewall's look at each of them, and what goes back to the clients. */
export function edgeUsages({ facts, load }: Input): Usage[] {
  const { answered, blocked } = load;
  const responseBytes = load.invoked.api.units['response.bytes'] ?? 0;
  const out = (answered * responseBytes) / GIB;
  const derivation = `${figure(answered / load.paymentsPerMonth)} for each payment`;
  const firewall: Usage = {
    component: 'firewall',
    what: 'requests looked at',
    price: 'waf.request',
    quantity: answered + blocked,
    basis: 'metered',
    derivation: `${figure(answered)} answered, ${figure(blocked)} blocked`,
  };
  const sent = { component: 'edge', basis: 'metered' } as const;
  const bytes = `${figure(answered)} answers of ${figure(responseBytes)} bytes`;
  if (facts.edge.kind === 'rest') {
    return [
      { ...sent, what: 'requests', price: 'apigw.rest', quantity: answered, derivation },
      { ...sent, what: 'data out to clients', price: 'dto', quantity: out, derivation: bytes },
      firewall,
    ];
  }
  const { edgeFunctions, callbackLambdaMb, accessLogs } = facts.edge;
  const usages: Usage[] = [
    { ...sent, what: 'requests', price: 'cf.https', quantity: answered + blocked, derivation },
    {
      ...sent,
      what: 'functions at the edge',
      price: 'cf.function',
      quantity: answered * edgeFunctions,
      derivation: `${edgeFunctions} for each request`,
    },
    { ...sent, what: 'data out to clients', price: 'cf.dto', quantity: out, derivation: bytes },
    firewall,
  ];
  if (callbackLambdaMb !== undefined && load.requests.callback > 0) {
    const seconds = load.requests.callback * EDGE_HASH_SECONDS;
    const common = { component: 'edge', basis: 'assumed' } as const;
    usages.push(
      {
        ...common,
        what: 'bodies of call-backs hashed: requests',
        price: 'lambda.edge.request',
        quantity: load.requests.callback,
        derivation: 'a PSP cannot be asked for the hash that others send',
      },
      {
        ...common,
        what: 'bodies of call-backs hashed: GB-seconds',
        price: 'lambda.edge.gbs',
        quantity: (seconds * callbackLambdaMb) / MEGABYTES_PER_GB,
        derivation: `${EDGE_HASH_SECONDS * 1_000} ms × ${callbackLambdaMb} MB each`,
      },
    );
  }
  if (accessLogs === 's3') {
    usages.push({
      component: 'logs and traces',
      what: 'access log of CloudFront, kept in S3',
      price: 's3.std',
      quantity: (answered * EDGE_LOG_BYTES * LOGS_KEPT_MONTHS[facts.profile]) / GIB,
      basis: 'assumed',
      derivation: `${EDGE_LOG_BYTES} bytes for each request, compressed; its delivery is free`,
    });
  }
  return usages;
}
