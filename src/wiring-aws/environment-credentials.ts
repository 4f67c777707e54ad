import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * A function's credentials are in its environment, always. The SDK's default would bring a chain of other places
 * with it (sign-in, containers, instances, profiles), which is a fifth of a bundle and never used there: bundles of
 * functions take this in its place.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export const defaultProvider = fromEnv;
