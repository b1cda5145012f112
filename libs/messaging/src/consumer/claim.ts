/** For how long an event is left to who tries it, and when that is made longer: after a crash, another has it soon. */
export const CLAIM_MS = { lasts: 10_000, renew: 4_000 } as const;

/** Waits for an attempt, and has its claim renewed meanwhile. `renew` never rejects. */
export async function whileClaimed<Result>(
  attempt: Promise<Result>,
  renew: () => Promise<void>,
  renewMs: number = CLAIM_MS.renew,
): Promise<Result> {
  const timer = setInterval(() => void renew(), renewMs).unref();
  try {
    return await attempt;
  } finally {
    clearInterval(timer);
  }
}
