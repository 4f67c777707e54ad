/** How long the other side may take to take a call-back. */
const DELIVERY_TIMEOUT_MS = 5_000;

/** POSTs a call-back over HTTP; whether it was taken. Redirects are not followed: a signature is for one address. */
export async function deliverOverHttp(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<boolean> {
  const signal = AbortSignal.timeout(DELIVERY_TIMEOUT_MS);
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  await response.arrayBuffer();
  return response.ok;
}
