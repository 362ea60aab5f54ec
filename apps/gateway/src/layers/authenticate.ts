import { getField } from "@headgate/http";
import { GatewayError } from "../gateway-error.ts";
import type { Layer } from "../layer.ts";

/** Settles who asks, and refuses who may not. */
export function authenticate(): Layer {
  return {
    name: "authenticate",
    enter(exchange) {
      if (exchange.route?.auth !== "api-key") return undefined;
      const { generation, head } = exchange;
      const found = generation.identify(getField(head.fields, generation.keyField));
      if (found.kind !== "identified") throw refusal(found.kind, generation.config.auth.header);
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
