/** What `headgate start` was asked for. */
export interface StartOptions {
  /** `--config`: path as typed. */
  config?: string;
  /** `--debug`: debug log level, and the live status table in a terminal. */
  debug: boolean;
  /** `--workers`: number or `auto` as typed; goes before the config's own. */
  workers?: string;
}

/** Where a command prints, and what it may know of the process that runs it. */
export interface CommandContext {
  stdout(text: string): void;
  stderr(text: string): void;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Wall-clock ms. */
  now(): number;
}
