import { connect, type Socket } from 'node:net';
import type { Answer } from '../http/answer-rules.ts';
import { createAnswerParser } from './answer-parser.ts';
import type { Script, Step } from './exchange.ts';

export interface Played {
  answers: readonly Answer[];
  /** What came that is no answer, or that the connection was not closed in time. */
  faults: readonly string[];
}

/** Plays bytes over a connection of their own, until it is closed. */
export function playScript(url: string, { steps, methods, limitMs, stays }: Script): Promise<Played> {
  const { hostname, port } = new URL(url);
  const parser = createAnswerParser();
  const answers: Answer[] = [];
  const faults: string[] = [];
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.setNoDelay(true);
  let closed = false;
  let leftByUs = false;

  return new Promise((resolve) => {
    const late = setTimeout(() => {
      faults.push(`the connection was still open after ${limitMs} ms`);
      socket.destroy();
    }, limitMs);
    socket.on('data', (bytes) => {
      try {
        if (faults.length === 0) answers.push(...parser.take(bytes, (place) => methods[place]));
      } catch (error) {
        faults.push((error as Error).message);
        socket.destroy();
      }
    });
    // The server said all it had to say.
    socket.on('end', () => !stays && socket.end());
    // Cut while we still send: it need not read what it has refused.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      closed = true;
      clearTimeout(late);
      if (!leftByUs && !parser.isBetween() && faults.length === 0)
        faults.push('the connection ended within an answer');
      resolve({ answers, faults });
    });
    socket.on('connect', () => void run());
  });

  async function run(): Promise<void> {
    for (const step of steps) {
      if (closed) return;
      if ('end' in step) {
        leftByUs = step.end === 'destroy';
        if (leftByUs) socket.destroy();
        else socket.end();
      } else await play(socket, step, () => closed);
    }
  }
}

async function play(
  socket: Socket,
  step: Exclude<Step, { end: string }>,
  isClosed: () => boolean,
): Promise<void> {
  if ('send' in step) {
    socket.write(step.send);
    // What is written next shall not go in the same piece.
    await new Promise((resolve) => setImmediate(resolve));
  } else if ('trickle' in step) {
    for (const byte of step.trickle) {
      if (isClosed()) return;
      socket.write(Buffer.of(byte));
      await pause(step.pauseMs);
    }
  } else if ('deafMs' in step) {
    socket.pause();
    await pause(step.deafMs);
    socket.resume();
  } else {
    await pause(step.pauseMs);
  }
}

function pause(pauseMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}
