/**
 * Whether an Accept header allows `type` (RFC 9110 §12.5.1): absent allows all; the most specific range that matches
 * decides, and `q=0` forbids.
 */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === '' || header === '*/*' || header === type) return true;
  const [main] = type.split('/') as [string];
  let best = 0;
  let allowed = false;
  for (const part of header.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const specificity = range === type ? 3 : range === `${main}/*` ? 2 : range === '*/*' ? 1 : 0;
    if (specificity === 0 || specificity < best) continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const forbidden = quality !== undefined && Number(quality.slice(2)) === 0;
    allowed = specificity === best ? allowed || !forbidden : !forbidden;
    best = specificity;
  }
  return allowed;
}

/** Whether a Content-Type is JSON in UTF-8. */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  if (contentType === 'application/json') return true;
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((piece) => piece.trim());
  if (type !== 'application/json') return false;
  return parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter),
  );
}
