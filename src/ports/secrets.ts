/** Keys that the service signs with. Two live at once, so that rotating one refuses nobody. */
export interface Secrets {
  /** Newest first; the first signs, all verify. */
  cursorKeys(): Promise<readonly string[]>;
}
