/** Takes errors that are nobody's but ours. */
export interface BugReporter {
  bug(error: unknown, context: { readonly id: string; readonly where: string }): void;
}
