/** One request of an SDK to a cloud service, as it is carried out there. */
export interface ServiceCall<T> {
  service: 'dynamodb' | 'sqs' | 's3';
  /** The SDK's command without `Command`. */
  operation: string;
  /** What it is about, in few words, for whoever follows what happens. */
  about: string;
  /** Whether carrying it out changes anything. */
  writes: boolean;
  /** What the service does, in one indivisible step. May throw the service's own refusal. */
  effect(): T;
}

/** The way to a service and back, for one attempt. It may delay or lose what passes, or have the service refuse it. */
export type Wire = <T>(call: ServiceCall<T>) => Promise<T>;

/** Nothing is ever delayed or lost. */
export const directWire: Wire = async ({ effect }) => effect();

/** As often as the clients of this project ask: the first time, and twice again. */
const MAX_ATTEMPTS = 3;

interface Metadata {
  attempts?: number;
  httpStatusCode?: number;
}

/** A request or its answer was lost: nobody can tell which. */
export function noAnswer(): Error {
  return Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });
}

/** The service had no room for the request, and has done nothing. */
export function throttled(): Error {
  return serviceError('ThrottlingException', 'Rate of requests exceeds the allowed throughput.', 400);
}

export function serviceError(name: string, message: string, httpStatusCode: number): Error {
  const $fault = httpStatusCode < 500 ? 'client' : 'server';
  return Object.assign(new Error(message), { name, $fault, $metadata: { httpStatusCode } });
}

/** What the SDK asks again by itself: the same request, whose first copy may have been carried out. */
function isAskedAgain(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'TimeoutError' || /Throttl|ProvisionedThroughput/.test(error.name)) return true;
  const { $metadata } = error as { $metadata?: Metadata };
  return ($metadata?.httpStatusCode ?? 0) >= 500;
}

/** Asks as the SDK does, which repeats what was lost or throttled and says in its answer how often it asked. */
export async function sendAsSdk<T extends object>(
  wire: Wire,
  call: ServiceCall<T>,
): Promise<T & { $metadata: Metadata }> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return { ...(await wire(call)), $metadata: { attempts, httpStatusCode: 200 } };
    } catch (error) {
      if (attempts < MAX_ATTEMPTS && isAskedAgain(error)) continue;
      if (error instanceof Error) {
        const { $metadata } = error as { $metadata?: Metadata };
        Object.assign(error, { $metadata: { ...$metadata, attempts } });
      }
      throw error;
    }
  }
}
