import { Fact, isNamed, type ReceivedHead, splitList } from "@headgate/http";
import type { Expectation } from "../read-request.ts";

/** What a request asks of its connection. */
export interface RequestWishes {
  /** To be kept for the next request. */
  readonly keep: boolean;
  /** To become a WebSocket. */
  readonly upgrade: "websocket" | null;
  readonly expectation: Expectation;
}

type Options = { readonly keep: boolean; readonly close: boolean; readonly upgrade: boolean };

const NO_OPTIONS: Options = { keep: false, close: false, upgrade: false };

/** Browsers and load balancers say the same few things. */
const known = new Map<string, Options>();
const MOST_KNOWN = 100;

function readOptions(value: string): Options {
  const before = known.get(value);
  if (before !== undefined) return before;
  const members = splitList(value.toLowerCase());
  const options = {
    keep: members.includes("keep-alive"),
    close: members.includes("close"),
    upgrade: members.includes("upgrade"),
  };
  if (known.size < MOST_KNOWN) known.set(value, options);
  return options;
}

/** Connection, Upgrade and Expect as they are written. */
interface Asked {
  readonly connection: Options;
  readonly upgrade: string;
  readonly expectation: Expectation;
}

const ASKED: Fact<Asked> = new Fact((fields) => {
  let connection = NO_OPTIONS;
  let upgrade = "";
  let expectation: Expectation = "none";
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (isNamed(name, "connection")) connection = join(connection, readOptions(value));
    else if (isNamed(name, "upgrade")) upgrade = upgrade === "" ? value : `${upgrade},`;
    else if (isNamed(name, "expect")) expectation = value.toLowerCase() === "100-continue" ? "continue" : "unknown";
  }
  return { connection, upgrade, expectation };
});

/**
 * Reads Connection, Upgrade and Expect (RFC 9110 §7.6.1, §7.8, §10.1.1). Only a GET without content becomes a WebSocket
 * (RFC 6455 §4.1); any other upgrade is none. HTTP/1.0 knows no expectation.
 */
export function readWishes({ method, version, section, framing }: ReceivedHead): RequestWishes {
  const { connection, upgrade, expectation } = section.of(ASKED);
  const isWebSocket = connection.upgrade && method === "GET" && framing.kind === "none";
  return {
    // A tunnel is no business of ours: what stands behind CONNECT is no request.
    keep: !connection.close && (version === "1.1" || connection.keep) && method !== "CONNECT",
    upgrade: isWebSocket && version === "1.1" && upgrade.toLowerCase() === "websocket" ? "websocket" : null,
    expectation: version === "1.1" ? expectation : "none",
  };
}

function join(one: Options, other: Options): Options {
  if (one === NO_OPTIONS) return other;
  return { keep: one.keep || other.keep, close: one.close || other.close, upgrade: one.upgrade || other.upgrade };
}
