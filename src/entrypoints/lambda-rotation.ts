import { rotationHandler } from '../wiring-aws/rotation.ts';

export const handler = rotationHandler();
