/** The load worker failed: a defect of the harness, or of what it was given; never the relay's doing. */
export class WorkerError extends Error {
  override readonly name: string = 'WorkerError';
}

/** The process of a load worker is gone, and with it everything that it was to measure. */
export class WorkerDeathError extends WorkerError {
  override readonly name = 'WorkerDeathError';
}
