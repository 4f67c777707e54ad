export type Attributes = Readonly<Record<string, string | number>>;

/** One SVG element. Content is text that is already safe: other elements, or the result of `text`. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** Text at a place; its baseline is at `y`. */
export function text(content: string, x: number, y: number, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escaped(content));
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** For whoever cannot see it. */
  readonly description: string;
}

const FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif";
const INK = '#1f2933';

/** A whole document. Its ground is white, so that it can be read on pages of either colour. */
export function document({ width, height, title, description }: Frame, content: readonly string[]): string {
  const all = [
    element('title', { id: 'title' }, escaped(title)),
    element('desc', { id: 'desc' }, escaped(description)),
    element('rect', { x: 0, y: 0, width, height, rx: 8, fill: '#ffffff' }),
    ...content,
  ];
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-labelledby': 'title desc',
      'font-family': FONT,
      'font-size': 13,
      fill: INK,
    },
    `\n${all.join('\n')}\n`,
  )}\n`;
}

/** Hundredths of a pixel: the same text on every machine. */
function rounded(value: number): string {
  return String(Number(value.toFixed(2)));
}

function escaped(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
