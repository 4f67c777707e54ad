import { ACCOUNT } from './account.ts';
import { COMPUTE } from './compute.ts';
import { DATABASE } from './database.ts';
import { EDGE } from './edge.ts';
import { FIREWALL } from './firewall.ts';
import { FUNCTIONS } from './functions.ts';
import { MESSAGING } from './messaging.ts';
import { MONITORING } from './monitoring.ts';
import { NETWORK } from './network.ts';
import type { Registry } from './reader.ts';
import { SECURITY } from './security.ts';
import { STORAGE } from './storage.ts';

/** Every type of resource of which it is known what it costs. Any other is unknown, and never counted as nothing. */
export const REGISTRY: Registry = {
  ...EDGE,
  ...FIREWALL,
  ...FUNCTIONS,
  ...DATABASE,
  ...MESSAGING,
  ...STORAGE,
  ...NETWORK,
  ...COMPUTE,
  ...MONITORING,
  ...SECURITY,
  ...ACCOUNT,
};
