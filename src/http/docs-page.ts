/** The contract for people: placeholder until written. */
export function docsPage(document: Record<string, unknown>): string {
  return `<pre>${JSON.stringify(document).length}</pre>`;
}
