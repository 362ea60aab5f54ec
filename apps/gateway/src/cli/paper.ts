/** What a command prints on. */
export interface Paper {
  readonly columns: number;
  readonly colour: boolean;
}

/** A terminal, or something as wide as it takes and without colours. */
export function paperOf(stdout: NodeJS.WriteStream): Paper {
  return stdout.isTTY
    ? { columns: stdout.columns || 80, colour: stdout.hasColors() }
    : { columns: Number.POSITIVE_INFINITY, colour: false };
}
