/** A database that takes longer for the smallest question is away. */
const ANSWER_MS = 2_000;
/** One that takes longer is too busy, or was stopped meanwhile: handlers that wait for it are not to blame. */
const PROMPT_MS = 200;

/** Whether the database answers. One question is under way at a time, so that they do not fill the pool while it is frozen. */
export class DatabaseAnswers {
  private asking: Promise<boolean> | undefined;
  private askedAtMs = 0;

  constructor(
    private readonly question: () => Promise<unknown>,
    private readonly answerMs = ANSWER_MS,
  ) {}

  /** False when it fails, or takes longer than 2 s. */
  answers(): Promise<boolean> {
    return inTime(this.ask(), this.answerMs);
  }

  /** Waits for the answer, however long it takes. True when it was there at once. */
  async answersPromptly(): Promise<boolean> {
    const answer = this.ask();
    // The question may have been under way already.
    const { askedAtMs } = this;
    return (await answer) && performance.now() - askedAtMs < PROMPT_MS;
  }

  private ask(): Promise<boolean> {
    const answered = (): boolean => true;
    const failed = (): boolean => false;
    if (this.asking !== undefined) return this.asking;
    this.askedAtMs = performance.now();
    this.asking = this.question()
      .then(answered, failed)
      .finally(() => {
        this.asking = undefined;
      });
    return this.asking;
  }
}

function inTime(answer: Promise<boolean>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void answer.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
