import type { Logger } from "../observability/log.ts";

/** The process that started the gateway, where it did so with an IPC channel (`pnpm dev`, tests). */
export interface Parent {
  send?(message: unknown, done: (error: Error | null) => void): unknown;
  on(event: "message", listener: (message: unknown) => void): unknown;
}

/** Tells the parent where the gateway listens. One that is gone by then is noticed by its `disconnect`. */
export function tellParent(parent: Parent, urls: readonly string[], admin: string | null): void {
  parent.send?.({ type: "listening", urls, admin }, () => undefined);
}

/** Shows what the parent has to say, such as that one of its backends has ended, among the log's lines. */
export function hearParent(parent: Parent, logger: Logger): void {
  parent.on("message", (message) => {
    if (isNotice(message)) logger.warn(message.text);
  });
}

function isNotice(message: unknown): message is { readonly text: string } {
  if (typeof message !== "object" || message === null) return false;
  return "type" in message && message.type === "notice" && "text" in message && typeof message.text === "string";
}
