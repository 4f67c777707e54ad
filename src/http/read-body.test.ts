import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readNodeBody } from './read-body.ts';

describe('the body of a request', () => {
  it('of who went away before it was read is known to be aborted, and is not waited for', async () => {
    const incoming = new IncomingMessage(new Socket());
    incoming.destroy();
    await new Promise((closed) => incoming.once('close', closed));
    expect(await readNodeBody(incoming, 100)).toBe('aborted');
  });
});
