/** Where the runbooks are read by whoever is woken: a fork changes it by one prop. */
export const RUNBOOK_URL = 'https://github.com/tollgate/tollgate/blob/main/docs/runbooks';

/** The address of a page of docs/runbooks, for the text of an alert. */
export function runbookLink(page: string, runbookUrl = RUNBOOK_URL): string {
  return `${runbookUrl}/${page}.md`;
}
