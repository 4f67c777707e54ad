import { readFileSync } from 'node:fs';

/** Text of the page that no figure stands in. */
function prose(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8').trimEnd();
}

export const ABOUT = prose('about.md');
export const HOW_METERED = prose('how-metered.md');
export const HOW_SURE = prose('how-sure.md');
