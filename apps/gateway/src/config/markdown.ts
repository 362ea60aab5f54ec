import { alternatives, branchesOf, configTree, type SchemaNode } from "./tree.ts";

const HEADER = `# Configuration

<!-- Made by \`pnpm --filter @headgate/gateway run docs\` from the schema in apps/gateway/src/config. Do not edit. -->

Headgate runs without any config file: every key below has a default. \`headgate check\` prints the config that is in
effect, or every error in it, and \`headgate schema\` the JSON Schema for editors.

- **File.** \`headgate.config.ts\`, \`.yaml\`, \`.yml\` or \`.json\` in the working folder, or the one that \`--config\` names.
  In TypeScript: \`import { defineConfig } from "@headgate/gateway"; export default defineConfig({ … })\`.
  Paths of files are relative to the config file's folder.
- **Environment.** \`HEADGATE_…\` variables go before the file: the key's path, in any case, with \`__\` between its parts and
  indices for lists: \`HEADGATE_CACHE__TTL=60s\`, \`HEADGATE_LIMITS__RESPONSE_BUFFER=128KiB\`,
  \`HEADGATE_AUTH__API_KEYS__0__KEY=…\`. A list is written with commas (\`HEADGATE_POOLS__DEFAULT__BACKENDS=http://a:8000,http://b:8000\`)
  or as JSON (\`HEADGATE_LISTENERS='[{"port":8080}]'\`). Command-line flags go before both.
- **Durations** are \`250ms\`, \`1s\`, \`5m\`, \`1h\`, \`1d\` or a bare number of milliseconds; **sizes** are \`512B\`, \`64KiB\`, \`10MiB\`,
  \`1GiB\` (powers of 1024), \`64KB\`, \`10MB\`, \`1GB\` (powers of 1000) or a bare number of bytes.
- **Reload.** The file, the modules that it imports and the certificates that it names are watched. A change that is in order
  takes effect at once (\`admin\`, \`cache.entries\`, \`cache.memory\`, \`cache.redis\`, \`compression.memory\`, \`log\` and \`workers\` at the next start); one that is not is
  told, and the config that runs stays. Unknown keys are errors.

\`\`\`yaml
# headgate.config.yaml
pools:
  default:
    backends: ["http://10.0.0.1:8000", { url: "https://10.0.0.2:8443", weight: 3 }]
    health: { path: /healthz, interval: 2s }
routes:
  - { path: /public, auth: none, cache: false }
  - { path: /, cache: { ttl: 60s } }
auth:
  apiKeys: [{ name: mobile-app, key: a-long-random-secret }]
\`\`\`
`;

const code = (text: string): string => `\`${text}\``;

/** Text within a table's cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function range({ minimum, maximum = Number.MAX_SAFE_INTEGER }: SchemaNode): string {
  const from = minimum === undefined ? "" : ` from ${minimum}`;
  return maximum === Number.MAX_SAFE_INTEGER ? from : `${from} to ${maximum}`;
}

/** What one branch of a node takes, in words. */
function kindOfBranch(branch: SchemaNode): string {
  if (branch.const !== undefined) return code(JSON.stringify(branch.const).replaceAll('"', ""));
  if (branch.enum !== undefined) return branch.enum.map((value) => code(String(value))).join(", ");
  if (branch.unit !== undefined) return String(branch.unit);
  if (branch.file === true) return "path";
  if (branch.type === "array" && typeof branch.items === "object" && !Array.isArray(branch.items))
    return `list of ${kindOf(branch.items)}`;
  if (branch.type === "integer") return `whole number${range(branch)}`;
  if (branch.type === "number") return `number${range(branch)}`;
  if (branch.type === "boolean") return "`true`, `false`";
  return branch.type === "object" ? "object" : "text";
}

function kindOf(node: SchemaNode): string {
  const branches = node.unit === undefined ? branchesOf(node) : undefined;
  return branches === undefined ? kindOfBranch(node) : branches.map(kindOf).join(" or ");
}

function defaultOf(node: SchemaNode): string {
  const value = node.default;
  if (value === undefined || JSON.stringify(value) === "{}") return "";
  return code(typeof value === "string" ? value : JSON.stringify(value));
}

const isNode = (node: unknown): node is SchemaNode => typeof node === "object" && node !== null && !Array.isArray(node);

/** The keys below a node, each with its path as a reader would write it: `pools.NAME.backends[].url`. */
function below(node: SchemaNode, path: string): [string, SchemaNode][] {
  return alternatives(node).flatMap((branch) => {
    if (branch.type === "array") return isNode(branch.items) ? below(branch.items, `${path}[]`) : [];
    const named = Object.entries(branch.properties ?? {}).filter((entry): entry is [string, SchemaNode] =>
      isNode(entry[1]),
    );
    const rows = named.flatMap(([key, child]): [string, SchemaNode][] => {
      const at = `${path}.${key}`;
      return [[at, child], ...below(child, at)];
    });
    return isNode(branch.additionalProperties)
      ? [...rows, ...below(branch.additionalProperties, `${path}.NAME`)]
      : rows;
  });
}

const row = ([path, node]: [string, SchemaNode]): string =>
  `| ${[code(path), kindOf(node), defaultOf(node), node.description ?? ""].map(cell).join(" | ")} |`;

function section(name: string, node: SchemaNode): string {
  const rows = below(node, name).map(row);
  const heading = `## ${code(name)}\n\n${node.description ?? ""}`;
  const own = `Value: ${kindOf(node)}.${defaultOf(node) === "" ? "" : ` Default: ${defaultOf(node)}.`}`;
  if (rows.length === 0) return `${heading}\n\n${own}\n`;
  return [heading, "", own, "", "| key | value | default | meaning |", "| --- | --- | --- | --- |", ...rows, ""].join(
    "\n",
  );
}

/** docs/configuration.md: every option with its meaning, unit and default. */
export function configMarkdown(): string {
  const sections = Object.entries(configTree.properties ?? {}).flatMap(([name, node]) =>
    isNode(node) ? [section(name, node)] : [],
  );
  return [HEADER, ...sections].join("\n");
}
