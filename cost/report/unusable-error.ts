/** What was asked for cannot be costed: bad settings, no prices of the region, nothing metered. For a person, as it is. */
export class UnusableError extends Error {
  override readonly name = 'UnusableError';
}
