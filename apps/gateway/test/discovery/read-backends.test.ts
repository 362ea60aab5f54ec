import { readBackends } from "../../src/config/read-backends.ts";
import { type Folder, makeFolder } from "../config-files.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await makeFolder();
});
afterEach(() => folder.remove());

async function read(name: string, text: string): Promise<unknown> {
  const file = await folder.write(name, text);
  return readBackends(file).catch((error: Error) => error.message.replaceAll(file, name));
}

test.each([
  ["b.yaml", "- http://10.0.0.1:8000\n- { url: 'https://B.internal', weight: 3, zone: a }\n"],
  ["b.json", '["http://10.0.0.1:8000", {"url": "https://B.internal", "weight": 3, "zone": "a"}]'],
])("%s is a list such as a pool's backends", async (name, text) => {
  expect(await read(name, text)).toEqual([
    { url: "http://10.0.0.1:8000", weight: 1 },
    { url: "https://b.internal", weight: 3, zone: "a" },
  ]);
});

test("an empty list is a list", async () => {
  expect(await read("b.json", "[]")).toEqual([]);
});

test.each([
  ["b.yaml", "", "b.yaml: found nothing, expected a list of backends"],
  ["b.yaml", "a: [", /^(?:The file of backends has \d errors:\n)?b\.yaml:1:\d+: found what is not YAML/],
  ["b.json", "[", /^b\.json: found what is not JSON: .+, expected valid JSON$/],
  ["b.yaml", "- 10.0.0.1:8000", /^b\.yaml:1:3: \[0\]: found "10\.0\.0\.1:8000", expected a backend such as/],
  ["b.yaml", "- url: http://a\n  wieght: 2", /b\.yaml:2:3: \[0\]\.wieght: found an unknown key.+did you mean weight\?/],
  ["b.yaml", "- http://a\n- http://a:80", "b.yaml:2:3: [1]: found http://a a second time, expected each backend once"],
])("%s with %j is refused with its place", async (name, text, message) => {
  expect(await read(name, text)).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
});

test("one that is missing is told by its path", async () => {
  await expect(readBackends(`${folder.path}/gone.yaml`)).rejects.toThrow(
    `The file of backends ${folder.path}/gone.yaml cannot be read: there is no such file.`,
  );
});
