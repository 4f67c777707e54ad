/** Keys that the service signs with. Two live at once, so that rotating one refuses nobody. */
export interface Secrets {
  /**
   * Newest first; the first signs, all verify.
   * @param options `fresh`: a signature was met that none of the keys made, so they may have been rotated elsewhere.
   *   Where keys are kept for a while they are read again, but not as often as anybody sends forgeries.
   */
  cursorKeys(options?: { fresh?: boolean }): Promise<readonly string[]>;
  /** What a connector's call-backs are signed with, in the form of Standard Webhooks: `whsec_<base64>`. */
  callbackSecret(connector: string): Promise<string>;
}
