import { renderTemplate } from "../src/template.ts";

test("names stand for their values, wherever they are", () => {
  expect(renderTemplate("listen {{port}}; # {{port}}", { port: 8080 })).toBe("listen 8080; # 8080");
});

test("a section stays or goes", () => {
  const template = "bind :1{{#tls}} ssl crt {{file}}{{/tls}}";
  expect(renderTemplate(template, { tls: true, file: "x.pem" })).toBe("bind :1 ssl crt x.pem");
  expect(renderTemplate(template, { tls: false, file: "x.pem" })).toBe("bind :1");
});

test("a list repeats its section, with commas between where asked", () => {
  expect(renderTemplate("[{{#ports}}{{host}}:{{.}}{{,}}{{/ports}}]", { ports: [1, 2, 3], host: "h" })).toBe(
    "[h:1, h:2, h:3]",
  );
});

test("an unknown name is told, with those that are known", () => {
  expect(() => renderTemplate("{{prot}}", { port: 1 })).toThrow("a template names {{prot}}; known are port");
});
