import { createServer } from 'node:http';
import { onLoopback } from './loopback.ts';

/** The service gives at most ten at a time; fewer here, so that every reader meets a second page. */
const PAGE = 4;

export interface ParameterStoreStandIn {
  endpoint: string;
  stop(): Promise<void>;
}

interface Asked {
  Path: string;
  NextToken?: string;
}

/**
 * There is no emulator of Systems Manager in npm: this answers `GetParametersByPath` as the service does.
 * @param parameters by their whole names
 */
export async function startParameterStore(
  parameters: Readonly<Record<string, string>>,
): Promise<ParameterStoreStandIn> {
  function page({ Path, NextToken }: Asked): object {
    const found = Object.entries(parameters).filter(([name]) => name.startsWith(Path));
    const from = Number(NextToken ?? 0);
    const Parameters = found
      .slice(from, from + PAGE)
      .map(([Name, Value]) => ({ Name, Value, Type: 'String', Version: 1 }));
    return { Parameters, ...(from + PAGE < found.length ? { NextToken: String(from + PAGE) } : {}) };
  }

  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const isKnown = request.headers['x-amz-target'] === 'AmazonSSM.GetParametersByPath';
    const answer = isKnown ? page(JSON.parse(body) as Asked) : { __type: 'UnknownOperationException' };
    response.writeHead(isKnown ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer));
  });
  const { endpoint, stop } = await onLoopback(server);
  return {
    endpoint,
    stop,
  };
}
