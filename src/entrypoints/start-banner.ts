import type { DemoKey } from './demo-key.ts';

/** What a person sees when the server is ready: where it is, with which key, and a line to try. */
export function startBanner(url: string, { key, path, usable }: DemoKey): string {
  const shown = key ?? `$(cat ${path})`;
  const lines = [`Tollgate takes payments at ${url}  (docs: ${url}/docs)`, ''];
  if (key) lines.push(`Test key of the merchant "demo", also in ${path}:`, `  ${key}`, '');
  if (usable) {
    lines.push(
      'Try it:',
      `  curl -s ${url}/payments -H "Authorization: Bearer ${shown}" \\`,
      `    -H 'Content-Type: application/json' -H 'Prefer: wait=5' -d '{"payment_id": "p1", "amount": 1000}'`,
    );
  } else {
    lines.push('Make a key with: npx tollgate keys create --merchant M --mode test');
  }
  return `${lines.join('\n')}\n`;
}
