export type Scope = 'payments:read' | 'payments:write' | 'refunds:write' | 'admin';

/** An API key as it is stored: a hash, never the secret. */
export interface StoredKey {
  key_id: string;
  merchant_id: string;
  livemode: boolean;
  scopes: readonly Scope[];
  /** SHA-256 of the secret, hex. The secret has 160 random bits, so a slow hash would protect nothing more. */
  secret_hash: string;
  /** RFC 3339. */
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
}

export interface KeyStore {
  get(keyId: string): Promise<StoredKey | null>;
  /** @throws UnavailableError also if the id is taken, which random ids are not. */
  put(key: StoredKey): Promise<void>;
  /** False if there is no such key. Revoking twice keeps the first time. */
  revoke(keyId: string, at: string): Promise<boolean>;
  list(merchantId?: string): Promise<StoredKey[]>;
}
