import autocannon from 'autocannon';

/** One burst of load in a process of its own: `load.ts <url> <key> <kind> <seconds> <prefix>`; prints its result. */
export interface LoadResult {
  /** Answers of 2xx, per second of the burst. */
  perSecond: number;
  answered: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that were not 2xx, and requests without an answer. */
  failed: number;
}

const CONNECTIONS = 64;

if (import.meta.main) {
  const [url = '', key = '', kind = '', seconds = '5', prefix = ''] = process.argv.slice(2);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  let sent = 0;
  const post: autocannon.Request = {
    method: 'POST',
    path: '/payments',
    headers,
    setupRequest: (request) => ({
      ...request,
      body: JSON.stringify({ payment_id: `${prefix}${sent++}`, amount: 1000 }),
    }),
  };
  const requests: autocannon.Request[] = kind === 'post' ? [post] : [{ method: 'GET', path: kind, headers }];
  const result = await autocannon({ url, connections: CONNECTIONS, duration: Number(seconds), requests });
  const answered = result['2xx'];
  const report: LoadResult = {
    perSecond: answered / result.duration,
    answered,
    seconds: result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
