/** A template that is not the payment stack's, or that says something which cannot be read. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
