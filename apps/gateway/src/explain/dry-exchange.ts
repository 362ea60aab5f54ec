import { FieldSection, getField, isToken, planFraming, planTarget } from "@headgate/http";
import type { Clock } from "../clock.ts";
import { UserError } from "../errors.ts";
import { Exchange, newRecord, type RequestHead } from "../exchange.ts";
import type { Generation } from "../generation.ts";
import type { Question } from "./explanation.ts";

/** Where the gateway listens. */
export interface OwnAddress {
  readonly scheme: "http" | "https";
  readonly port: number;
}

const ABSOLUTE = /^(https?):\/\/([^/?#]+)([^#]*)/i;

/**
 * A question as the exchange that its request would make. Nothing comes of it: it has no content and no client.
 * @param own listeners of the gateway, for a URL that is a path
 * @throws UserError where no client could send such a request
 */
export function dryExchange(
  question: Question,
  generation: Generation,
  own: readonly OwnAddress[],
  clock: Clock,
): Exchange {
  const head = readHead(question, own);
  const upgrade = getField(head.fields, "upgrade")?.toLowerCase() === "websocket" ? "websocket" : null;
  const interim = { informational: () => undefined };
  return new Exchange(head, null, upgrade, generation, newRecord(head, clock), interim);
}

function readHead({ method, url, headers, client }: Question, own: readonly OwnAddress[]): RequestHead {
  if (!isToken(method)) throw new UserError(`${JSON.stringify(method)} is no method: expected one such as GET.`);
  for (let i = 0; i < headers.length; i += 2) {
    if (!isToken(headers[i] ?? "")) throw new UserError(`${JSON.stringify(headers[i])} is no name of a header field.`);
  }
  const { scheme, authority, target } = readUrl(url, own);
  const fields = getField(headers, "host") === undefined ? ["Host", authority, ...headers] : [...headers];
  return {
    ...{ method, target, scheme, fields, peer: client, version: "1.1" },
    section: new FieldSection(fields),
    localPort: Number(/:(\d+)$/.exec(authority)?.[1] ?? (scheme === "https" ? 443 : 80)),
    framing: planFraming("1.1", method, fields),
    targetPlan: planTarget(method, target, getField(fields, "host")),
  };
}

interface ReadUrl {
  readonly scheme: "http" | "https";
  readonly authority: string;
  /** Path and query as typed: a fragment never leaves the client. */
  readonly target: string;
}

function readUrl(url: string, own: readonly OwnAddress[]): ReadUrl {
  if (url.startsWith("/")) {
    const { scheme, port } = own.find((each) => each.scheme === "https") ?? own[0] ?? { scheme: "http", port: 80 };
    return { scheme, authority: `localhost:${port}`, target: url.replace(/#.*/, "") };
  }
  const [, scheme = "", authority = "", rest = ""] = ABSOLUTE.exec(url) ?? [];
  if (authority === "" || !URL.canParse(url))
    throw new UserError(
      `${JSON.stringify(url)} is no URL: expected a path such as /test, or a URL such as https://localhost:8443/test.`,
    );
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  return { scheme: scheme.toLowerCase() === "https" ? "https" : "http", authority, target };
}
