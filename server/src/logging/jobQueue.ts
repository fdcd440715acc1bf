/** Jobs that wait for an answer, one after the other, so that records arrive in their order. */

export interface JobQueueOptions<T> {
  run: (job: T) => Promise<void>;
  /** Told of a job that failed, or that was dropped because too many wait. */
  onError: (job: T, error: unknown) => void;
  maxQueued: number;
}

export class JobQueue<T> {
  readonly #options: JobQueueOptions<T>;
  readonly #waiting: T[] = [];
  #running: Promise<void> | null = null;

  constructor(options: JobQueueOptions<T>) {
    this.#options = options;
  }

  add(job: T): void {
    if (this.#waiting.length >= this.#options.maxQueued) {
      this.#options.onError(job, new Error(`dropped: ${this.#waiting.length} records wait already`));
      return;
    }
    this.#waiting.push(job);
    this.#running ??= this.#work();
  }

  /** Resolves when no job waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #work(): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      try {
        await this.#options.run(job);
      } catch (error) {
        this.#options.onError(job, error);
      }
    }
    this.#running = null;
  }
}
