/** What the form of the challenge page sends is some twenty bytes. */
const MAX_FORM_BYTES = 1_024;

export type Decision = 'accept' | 'refuse';

/** What the customer chose; else why it cannot be told. */
export async function readDecision(request: Request): Promise<Decision | 'too_large' | 'invalid'> {
  const bytes = await readBounded(request);
  if (bytes === null) return 'too_large';
  const decisions = new URLSearchParams(new TextDecoder().decode(bytes)).getAll('decision');
  const [decision] = decisions;
  return decisions.length === 1 && (decision === 'accept' || decision === 'refuse') ? decision : 'invalid';
}

/** Null if there is more than the form can send; what comes after that is not read. */
async function readBounded(request: Request): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_FORM_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
