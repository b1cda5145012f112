import type { Check } from './recording.js';

/** Long enough that people who are at it must be seen to go on. */
const LONG_MS = 1_000;

/** Each fault struck while orders were being placed, and people went on while it lasted. */
export const checkFaults: Check = ({ faults }) =>
  faults.flatMap(({ name, placing, underWayAfter, asked, lastedMs }) => {
    if (placing === 0) return [`${name}: no order was being placed`];
    return lastedMs >= LONG_MS && asked + underWayAfter === 0 ? [`${name}: nobody went on while it lasted`] : [];
  });
