import type { Identification } from "@headgate/admission";
import { Fact, getField } from "@headgate/http";
import type { Exchange } from "../exchange.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Generation } from "../generation.ts";
import type { Layer } from "../layer.ts";

/** Whose key a section carries, and by which generation's keys. */
interface Identified {
  generation: Generation | null;
  found: Identification;
}

/**
 * A key costs a digest, and most clients send the same all the time. What is remembered belongs to the connection that sent it: no
 * client's guess is ever held against another's key.
 */
const IDENTIFIED: Fact<Identified> = new Fact(() => ({ generation: null, found: { kind: "missing" } }));

function identify({ generation, head }: Exchange): Identification {
  const last = head.section.of(IDENTIFIED);
  if (last.generation !== generation) {
    last.found = generation.identify(getField(head.fields, generation.keyField));
    last.generation = generation;
  }
  return last.found;
}

/** Settles who asks, and refuses who may not. */
export function authenticate(): Layer {
  return {
    name: "authenticate",
    enter(exchange) {
      if (exchange.route?.auth !== "api-key") return undefined;
      const found = identify(exchange);
      if (found.kind !== "identified") throw refusal(found.kind, exchange.generation.config.auth.header);
      exchange.identity = found.name;
      exchange.record.identity = found.name;
      return undefined;
    },
  };
}

function refusal(kind: "missing" | "invalid", field: string): GatewayError {
  const fields = ["WWW-Authenticate", `ApiKey realm="headgate", header="${field}"`];
  if (kind === "missing")
    return new GatewayError("missing-credential", `This route needs an API key in the field ${field}.`, { fields });
  return new GatewayError("invalid-credential", `The API key in the field ${field} is not known.`, { fields });
}
