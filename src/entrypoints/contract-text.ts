import { openApiDocument } from '../http/openapi.ts';
import { routes, type UseCases } from '../http/routes.ts';

/** The contract as text. The routes are only looked at here, never asked, so no use case stands behind them. */
export function contractText(): string {
  const nothing = {} as UseCases;
  return `${JSON.stringify(openApiDocument(routes({ ...nothing, metrics: {} as UseCases['metrics'] })), null, 2)}\n`;
}
