/** Keys that the service signs with. Two live at once, so that rotating one refuses nobody. */
export interface Secrets {
  /** Newest first; the first signs, all verify. */
  cursorKeys(): Promise<readonly string[]>;
  /** What a connector's call-backs are signed with, in the form of Standard Webhooks: `whsec_<base64>`. */
  callbackSecret(connector: string): Promise<string>;
}
