import { ask } from "./http-client.ts";

/** What the metrics say of one name, all its series with these labels together; 0 where there are none. */
export async function metric(admin: string, name: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const { text } = await ask(`${admin}/metrics`);
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((each) => line.includes(each)));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
