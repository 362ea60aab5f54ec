import type { Found } from "../members.ts";

/** Where backends are found, beside the config and the admin API. */
export type FoundBy = "dns" | "file";

/** What a source tells its pool. */
export interface SourceSink {
  /** The backends as they are now; told again where nothing changed. */
  onList(backends: readonly Found[]): void;
  /** What is wrong now, or null again; told again where nothing changed. */
  onFault(fault: string | null): void;
}

/** A source that runs from its making on; it tells nothing before its maker has it. */
export interface Source {
  /** Ends timers, sockets and watchers; nothing is told any more. */
  stop(): void;
}
