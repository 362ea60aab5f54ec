import type {
  CompressionTold,
  Explanation,
  HedgingTold,
  LimitsTold,
  QueueTold,
  RetriesTold,
  RouteTold,
  UpstreamTold,
} from "../explain/explanation.ts";
import { cacheLines } from "./explain-cache-text.ts";
import { poolLines } from "./explain-pool-text.ts";
import type { Paper } from "./paper.ts";
import { renderSections, type Section } from "./section.ts";
import { duration, size } from "./table-format.ts";

/** An explanation as lines of text. */
export function renderExplanation(explanation: Explanation, paper: Paper): string[] {
  const { request, limits, route, identity, cache, compression, upstream } = explanation;
  const sections: Section[] = [
    { label: "Request", lines: [`${request.method} ${request.url}, from ${request.client}`] },
    answerSection(explanation),
    { label: "Limits", lines: [limitsLine(limits)] },
    ...(route === null ? [] : [{ label: "Route", lines: [routeLine(route)] }]),
    ...(identity === null ? [] : [{ label: "Identity", lines: [identityLine(identity)] }]),
    ...(cache === null ? [] : [{ label: "Cache", lines: cacheLines(cache) }]),
    ...(compression === null ? [] : [{ label: "Compression", lines: [compressionLine(compression)] }]),
    ...(upstream === null ? [] : upstreamSections(upstream, request.method)),
  ];
  return [...renderSections(sections, paper), ...(upstream === null ? [] : ["", ...poolLines(upstream, paper)])];
}

function answerSection({ verdict, upstream, cache }: Explanation): Section {
  if (verdict.kind === "refused") {
    const { status, code, by, detail } = verdict;
    return { label: "Answer", lines: [`${status} ${code}, by ${by}`, detail], style: "red" };
  }
  if (verdict.kind === "answered") {
    const how = cache?.standsIn === true ? "stale, since no backend could answer" : "no backend is asked";
    return { label: "Answer", lines: [`${verdict.status}, by ${verdict.by}: ${how}`], style: "green" };
  }
  const waits = upstream?.choice.kind === "waits";
  return {
    label: "Answer",
    lines: [`by a backend of ${verdict.pool}: ${upstream === null ? "" : choiceText(upstream)}`],
    style: waits ? "yellow" : "green",
  };
}

const CHOSEN: Readonly<Record<string, string>> = {
  policy: "is next",
  sticky: "has the client's session",
  overflow: "this once, as the session's backend is full",
  "spill-over": "is next, as a level before it is short or full",
  again: "once more, as all have been tried",
  panic: "is next, though too few are usable",
};

function choiceText({ choice }: UpstreamTold): string {
  switch (choice.kind) {
    case "settled":
      return `${choice.backend} ${CHOSEN[choice.reason]}`;
    case "drawn":
      return "one is drawn, by the chances below";
    case "waits":
      return choice.reason === "room" ? "it waits in line for room" : "it waits for the first health checks";
    case "none":
      return "none";
  }
}

function limitsLine({ head, body, inFlight }: LimitsTold): string {
  const content = body.size === null ? "content up to" : `content ${size(body.size)} of`;
  return [
    `head ${size(head.size)} of ${size(head.limit)}`,
    body.size === 0 ? "no content" : `${content} ${size(body.limit)}`,
    `${inFlight.now} of ${inFlight.limit} requests in flight`,
  ].join(", ");
}

function routeLine({ path, host, methods, pool, split, mirror, auth }: RouteTold): string {
  const narrowed = [...(host === null ? [] : [`host ${host}`]), ...(methods === null ? [] : [methods.join(", ")])];
  const where = narrowed.length === 0 ? path : `${path} (${narrowed.join("; ")})`;
  const to = pool === null ? "" : `, to pool ${pool}`;
  const copied = mirror === null ? "" : `, ${Math.round(mirror.share * 100)}% copied to ${mirror.pool}`;
  return `${where}${to}${split === null ? "" : splitText(split)}${copied}${auth === "api-key" ? ", needs an API key" : ""}`;
}

function splitText({ sides, why }: NonNullable<RouteTold["split"]>): string {
  const shares = sides.map(({ pool, weight }) => `${pool} ${weight}`).join(", ");
  return why?.startsWith("draw-") === true
    ? ` as an example, one is drawn (${shares})`
    : ` by ${why ?? "split"} (${shares})`;
}

function identityLine({ name, field }: NonNullable<Explanation["identity"]>): string {
  return name === null ? "none: the route asks for no API key" : `${name}, by the key in ${field}`;
}

function compressionLine(compression: CompressionTold): string {
  if (compression.kind === "off") return "off on this route";
  if (compression.kind === "none") return "none: the client takes no coding that is offered";
  return `${compression.coding}, where the response is text-like and has ${size(compression.minimum)} or more`;
}

function upstreamSections(upstream: UpstreamTold, method: string): Section[] {
  const { session, queue, retries, hedging, timeouts } = upstream;
  const { connect, head, perTry, total, body } = timeouts;
  const told = Object.entries({ connect, head, "one try": perTry, "all tries": total, "silence in the body": body });
  const limits = told.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${duration(ms)}`]));
  return [
    { label: "Pool", lines: poolTitle(upstream) },
    ...(session === null ? [] : [{ label: "Session", lines: [sessionLine(session)] }]),
    ...(queue === null ? [] : [{ label: "Queue", lines: queueLines(queue) }]),
    { label: "Retries", lines: retriesLines(retries, method) },
    { label: "Hedging", lines: [hedgingLine(hedging)] },
    { label: "Timeouts", lines: [limits.join(", ")] },
  ];
}

function poolTitle({ pool, balancing, hashKey, backends, panic }: UpstreamTold): string[] {
  const { policy, ...parameters } = balancing;
  const told = Object.entries(parameters).map(([name, value]) => `${name} ${String(value)}`);
  const usable = backends.filter((backend) => backend.usable).length;
  const keyless = hashKey?.present === false ? ["the request has no hash key, so a backend is drawn"] : [];
  return [
    `${pool}: ${[policy, ...told].join(", ")}; ${usable} of ${backends.length} backends may get it`,
    ...keyless,
    ...(panic ? ["panic: too few backends are usable, so all are used"] : []),
  ];
}

function sessionLine({ cookie, pinned, plan }: NonNullable<UpstreamTold["session"]>): string {
  if (pinned === null) return `none yet: the answer sets the cookie ${cookie}`;
  if (plan === "keep") return `pinned to ${pinned} by the cookie ${cookie}`;
  return `pinned to ${pinned} by the cookie ${cookie}, ${plan === "overflow" ? "which is full: another serves this once" : plan}`;
}

function queueLines({ limit, active, waiting, capacity, longestWait, breaker }: QueueTold): string[] {
  const room = limit === null ? "no limit of the pool" : `${active} of ${limit} in flight`;
  const line = `${room}, ${waiting} of ${capacity} waiting, for ${duration(longestWait)} at most`;
  return breaker === null ? [line] : [line, `circuit breaker ${breaker}`];
}

const WHEN: Readonly<Record<RetriesTold["when"], (method: string) => string>> = {
  idempotent: (method) => `as ${method} is idempotent`,
  "idempotency-key": () => "as it has an Idempotency-Key",
  unsent: (method) => `only while no byte has reached a backend, as ${method} is not idempotent`,
};

function retriesLines({ count, when, on, budgetLeft, bodyUpTo, hold }: RetriesTold, method: string): string[] {
  if (count === 0) return ["none"];
  const held =
    hold === null
      ? []
      : [`an answer up to ${size(hold.upTo)} is held until it is whole, for ${duration(hold.time)} at most`];
  const line = [
    `${count} at most, ${WHEN[when](method)}`,
    ...(on.length === 0 ? [] : [`on ${on.join(", ")}`]),
    ...(bodyUpTo === null ? [] : [`with content up to ${size(bodyUpTo)}`]),
    `the budget has ${budgetLeft} left`,
  ].join("; ");
  return [line, ...held];
}

const SINGLE: Readonly<Record<string, string>> = {
  upgrade: "it asks for another protocol",
  session: "the session is at one backend",
  "not-idempotent": "its method is not idempotent",
  "no-other-backend": "there is no other",
  "too-little-known": "too few latencies are known yet",
  deadline: "it would come too late",
};

function hedgingLine(hedging: HedgingTold): string {
  if (hedging.kind === "off") return "off";
  if (hedging.kind === "single") return `no second backend is asked: ${SINGLE[hedging.reason] ?? hedging.reason}`;
  return `a second backend is asked after ${duration(hedging.after)}`;
}
