import { createHash } from "node:crypto";
import type { AdminReply } from "./reply.ts";

const STYLE = `
  :root { color-scheme: light dark; --line: #8884; --good: #2a8a43; --bad: #c62f2f; --warn: #b07500; }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
  .number { text-align: right; } .HEALTHY { color: var(--good); } .UNREACHABLE { color: var(--bad); }
  .flag, .NOT_INITIATED { color: var(--warn); } #notice { color: var(--bad); } .scroll { overflow-x: auto; }
  dl { display: flex; flex-wrap: wrap; gap: .4rem 2rem; } dt { opacity: .7; } dd { margin: 0; font-size: 1.2rem; }
`;

const SCRIPT = `
  const $ = (id) => document.getElementById(id);
  const make = (tag, text, className = "") => Object.assign(document.createElement(tag), { textContent: text, className });
  const get = async (path) => {
    const response = await fetch(path);
    if (!response.ok) throw new Error(path + " answered " + response.status);
    return response.json();
  };
  const ms = (value) => value === null ? "-" : (value < 10 ? value.toFixed(1) : Math.round(value)) + " ms";
  const percent = (value) => value === null ? "-" : (100 * value).toFixed(1) + " %";
  const clock = (value) => value === null ? "-" : new Date(value).toTimeString().slice(0, 8);
  const lastCheck = (probe) => !probe ? "-" : probe.ok ? (probe.status === null ? "connected" : "status " + probe.status) + ", " + ms(probe.latency) : probe.reason;

  function row(backend) {
    const tr = document.createElement("tr");
    const status = make("td", backend.state, backend.state);
    const why = backend.ejection ? ": " + backend.ejection.reason : "";
    for (const [flag, more] of [["draining", ""], ["ejected", why]])
      if (backend[flag]) status.append(make("span", " (" + flag + more + ")", "flag"));
    tr.append(
      make("td", backend.url), status, make("td", backend.failures, "number"), make("td", clock(backend.lastHealthy)),
      make("td", backend.active, "number"), make("td", backend.perSecond.toFixed(1), "number"),
      make("td", ms(backend.p99), "number"), make("td", lastCheck(backend.probes.at(-1))),
    );
    return tr;
  }

  function section(pool) {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const [title, type] of [["Backend URL"], ["Status"], ["Failures", "number"], ["Last Healthy"], ["Active", "number"],
      ["Req/s", "number"], ["p99", "number"], ["Last check"]]) head.append(make("th", title, type));
    table.createTBody().append(...pool.backends.map(row));
    const scroll = make("div", "", "scroll");
    scroll.append(table);
    const told = [pool.balancing];
    if (pool.subset !== null) told.push("subset of " + pool.subset);
    if (pool.limit !== null) told.push(pool.active + " of " + pool.limit + " in flight");
    if (pool.waiting > 0) told.push(pool.waiting + " waiting");
    if (pool.breaker !== null) told.push("breaker " + pool.breaker);
    if (pool.panic) told.push("panic");
    return [make("h2", pool.name + " (" + told.join(", ") + ")"), scroll];
  }

  async function refresh() {
    try {
      const [pools, live] = await Promise.all([get("/api/pools"), get("/api/live")]);
      $("pools").replaceChildren(...pools.flatMap(section));
      $("rate").textContent = live.perSecond.toFixed(1);
      $("p99").textContent = ms(live.p99);
      $("hits").textContent = percent(live.hitRatio);
      $("errors").textContent = live.errors + " of " + live.requests;
      $("notice").textContent = live.reloadError ? "The config file was not taken over: " + live.reloadError : "";
    } catch (error) {
      $("notice").textContent = "The gateway does not answer: " + error.message;
    }
    setTimeout(refresh, 1000);
  }
  refresh();
`;

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Headgate</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<h1>Headgate</h1>
<dl>
  <div><dt>Requests per second</dt><dd id="rate">-</dd></div>
  <div><dt>p99</dt><dd id="p99">-</dd></div>
  <div><dt>Answered from the cache</dt><dd id="hits">-</dd></div>
  <div><dt>Errors</dt><dd id="errors">-</dd></div>
</dl>
<p id="notice" role="status"></p>
<main id="pools"></main>
<p><a href="/metrics">metrics</a> · <a href="/api/backends">backends</a> · <a href="/api/cache">cache</a> · <a href="/api/config">config</a></p>
<script>${SCRIPT}</script>
</html>
`;

function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** A page that shows the pools and looks again every second; it loads nothing from elsewhere and runs nothing but its own. */
export const statusPage: AdminReply = {
  status: 200,
  type: "text/html; charset=utf-8",
  body: PAGE,
  headers: {
    "Content-Security-Policy": [
      "default-src 'none'",
      `script-src ${hash(SCRIPT)}`,
      `style-src ${hash(STYLE)}`,
      "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ].join("; "),
  },
};
