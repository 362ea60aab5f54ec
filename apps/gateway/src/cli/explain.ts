import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import type { Explanation } from "../explain/explanation.ts";
import { type AdminOptions, withAdminOptions } from "./admin-address.ts";
import { AdminClient } from "./admin-client.ts";
import { renderExplanation } from "./explain-text.ts";
import type { CommandContext } from "./options.ts";
import { type Paper, paperOf } from "./paper.ts";

interface Options extends AdminOptions {
  readonly json: boolean;
  readonly header: Headers;
  readonly client?: string;
}

/** By name as typed, each with its values. */
type Headers = Readonly<Record<string, readonly string[]>>;

const SKETCH = z.looseObject({
  request: z.looseObject({ method: z.string(), url: z.string() }),
  verdict: z.looseObject({ kind: z.enum(["refused", "answered", "forwarded"]) }),
  limits: z.looseObject({}),
});

/** The gateway is of the same version: a look at the outline tells whether it is one. */
const EXPLANATION = z.custom<Explanation>((value) => SKETCH.safeParse(value).success);

function addHeader(text: string, headers: Headers): Headers {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(0, colon)).trim();
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    throw new InvalidArgumentError("Expected a name, a colon and a value, such as 'X-API-Key: abc'.");
  return { ...headers, [name]: [...(headers[name] ?? []), text.slice(colon + 1).trim()] };
}

function checkUrl(url: string): string {
  if (url.startsWith("/") || (/^https?:\/\//i.test(url) && URL.canParse(url))) return url;
  throw new InvalidArgumentError("Expected a path such as /test, or a URL such as https://localhost:8443/test.");
}

async function explain(
  [method, url]: readonly [string, string],
  options: Options,
  context: CommandContext,
  paper: Paper,
): Promise<void> {
  const { json, header: headers, client } = options;
  const gateway = await AdminClient.for(options, context);
  const answer = await gateway.send("POST", "/api/explain", { method, url, headers, client }, EXPLANATION);
  context.stdout(json ? `${JSON.stringify(answer, null, 2)}\n` : `${renderExplanation(answer, paper).join("\n")}\n`);
}

/** `headgate explain`: what a running gateway would do with a request. */
export function registerExplain(
  program: Command,
  context: CommandContext,
  paper: Paper = paperOf(process.stdout),
): void {
  withAdminOptions(program.command("explain"))
    .description("say what a running gateway would do with a request, and why; nothing is sent or changed")
    .argument("<method>", "such as GET")
    .argument("<url>", "a path, asked of the TLS listener if there is one, or http(s)://host/path", checkUrl)
    .option("-H, --header <line>", "a field of the request, such as 'X-API-Key: abc'; may be repeated", addHeader, {})
    .option("--client <address>", "the IP address that the request comes from (default: 127.0.0.1)")
    .option("--json", "print what the admin API answered", false)
    .action((method: string, url: string, options: Options) => explain([method, url], options, context, paper));
}
