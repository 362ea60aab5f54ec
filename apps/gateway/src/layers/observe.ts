import { Fact, getField, setField, viaValue } from "@headgate/http";
import type { Clock } from "../clock.ts";
import type { GatewayResponse } from "../gateway-response.ts";
import type { Layer } from "../layer.ts";
import type { ExchangeRecord, ExchangeSink } from "../observability/exchange-record.ts";
import { ExchangeTrace } from "../observability/exchange-trace.ts";
import { PSEUDONYM } from "../pseudonym.ts";

/** An id of another's making is taken over only where it is harmless in logs and fields. */
const REQUEST_ID = /^[\w.:+/=@-]{1,128}$/;

const GIVEN_ID: Fact<string | null> = new Fact((fields) => {
  const given = getField(fields, "x-request-id");
  return given !== undefined && REQUEST_ID.test(given) ? given : null;
});
const TRACEPARENT: Fact<string | null> = new Fact((fields) => getField(fields, "traceparent") ?? null);

export interface ObserveParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly sinks: readonly ExchangeSink[];
}

/** Gives the exchange its id and trace, tells both to the client, and hands one record to every sink at the end. */
export function observe(parts: ObserveParts): Layer {
  const { clock, random, newId, sinks } = parts;
  return {
    name: "observe",
    enter(exchange) {
      const { head, record } = exchange;
      record.id = (exchange.trusted ? head.section.of(GIVEN_ID) : null) ?? newId();
      record.trace = new ExchangeTrace(head.section.of(TRACEPARENT) ?? undefined, random);
      return undefined;
    },
    leave(exchange, response) {
      const { record, generation } = exchange;
      const { headers } = generation.config;
      record.status = response.status;
      record.backend = response.backend;
      record.headTick = clock.tick();
      const { fields } = response;
      setField(fields, "X-Request-Id", record.id);
      if (headers.backendServer && response.backend !== null) setField(fields, "X-Backend-Server", response.backend);
      addVia(response);
      if (headers.serverTiming) fields.push("Server-Timing", serverTiming(record, record.headTick));
      return response;
    },
    finish(exchange) {
      const { record, body } = exchange;
      record.endTick = clock.tick();
      record.requestBytes = body?.received ?? 0;
      if (record.encoding === null) record.bodyBytes = record.sentBytes;
      for (const sink of sinks) sink.record(record);
    },
  };
}

function addVia({ source, fields }: GatewayResponse): void {
  // What came from a backend came by HTTP/1.1; a cache entry keeps the Via it was received with.
  if (source !== "gateway") setField(fields, "Via", viaValue(fields, "1.1", PSEUDONYM));
}

/** Server-Timing (W3C): what the wait was for, in ms. */
function serverTiming(record: ExchangeRecord, now: number): string {
  const cache = record.cache === null ? "" : `cache;desc=${record.cache}, `;
  const last = record.attempts.at(-1);
  if (last === undefined) return `${cache}total;dur=${ms(now - record.startedTick)}`;
  const sent = last.sentAt ?? last.startedAt;
  const queue = `queue;dur=${ms(last.startedAt - record.startedTick)}`;
  const upstream = `upstream;dur=${ms((last.headAt ?? now) - sent)}`;
  return `${cache}${queue}, connect;dur=${ms(sent - last.startedAt)}, ${upstream}`;
}

/** Tenths of a millisecond; `toFixed` costs more than all the rest. */
function ms(duration: number): number {
  return Math.round(duration * 10) / 10;
}
