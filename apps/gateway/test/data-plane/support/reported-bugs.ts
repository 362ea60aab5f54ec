/** Runs `work`, and gives what was rejected meanwhile for nobody to handle, which is how bugs are reported. */
export async function reportedBugs(work: () => Promise<void>): Promise<unknown[]> {
  const bugs: unknown[] = [];
  const { reject } = Promise;
  Promise.reject = (bug?: unknown) => {
    bugs.push(bug);
    return new Promise<never>(() => undefined);
  };
  try {
    await work();
  } finally {
    Promise.reject = reject;
  }
  return bugs;
}
