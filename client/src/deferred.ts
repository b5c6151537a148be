/** A promise that is settled from outside, once. */
export interface Deferred {
  promise: Promise<void>;
  settle(error?: Error): void;
}

export function deferred(): Deferred {
  let settle!: Deferred["settle"];
  const promise = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
  });
  return { promise, settle };
}
