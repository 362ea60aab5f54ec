import type { LoadedConfig } from "../src/config/load.ts";
import type { ConfigInput } from "../src/config/schema.ts";
import type { TlsMaterial } from "../src/config/tls/material.ts";
import type { GatewayState } from "../src/control/gateway-state.ts";
import { Reload } from "../src/control/reload.ts";
import { UserError } from "../src/errors.ts";
import { createLogger } from "../src/observability/log.ts";
import { Bench, snapshot } from "./control-support.ts";

const A = "http://10.0.0.1";
const PEM = { requestCert: false, rejectUnauthorized: false, minVersion: "TLSv1.2" } as const;

function running(input: ConfigInput) {
  const config = snapshot(input);
  const bench = new Bench();
  const log: string[] = [];
  const steps: string[] = [];
  const state: GatewayState = { phase: "running", config, reloadError: null };
  /** What the next reading of certificates gives. */
  const files: { tls: TlsMaterial | UserError } = { tls: { listeners: [undefined], pools: {} } };
  /** Ports that others hold. */
  const taken = new Set<number>();
  bench.apply(config);
  const reload = new Reload(
    {
      state,
      pools: {
        apply(next, tls) {
          const retire = bench.registry.apply(next, tls);
          steps.push("pools");
          return () => {
            steps.push("retire");
            retire();
          };
        },
      },
      target: {
        apply: () => void steps.push("apply"),
        async listen({ listeners }) {
          for (const { port } of listeners) {
            if (taken.has(port)) throw Object.assign(new Error("in use"), { code: "EADDRINUSE", port, address: "::" });
          }
          steps.push(`open ${listeners.map(({ port }) => port).join()}`);
        },
      },
      loadTls: async () => {
        if (files.tls instanceof UserError) throw files.tls;
        return files.tls;
      },
      logger: createLogger({
        destination: {
          write(line) {
            const { level, msg } = JSON.parse(line);
            log.push(`${level} ${msg}`);
          },
        },
      }),
    },
    { tls: { listeners: [undefined], pools: {} }, warnings: ["the key is known"] },
  );
  const change = (next: ConfigInput, warnings: string[] = []): Promise<void> => {
    const config: LoadedConfig = {
      snapshot: snapshot(next),
      warnings,
      file: "/f.yaml",
      source: "f.yaml",
      overrides: [],
      files: [],
    };
    return reload.follow({ kind: "loaded", config });
  };
  const refuse = (message: string): Promise<void> => reload.follow({ kind: "refused", error: new UserError(message) });
  return { bench, log, steps, state, files, taken, change, refuse };
}

const base: ConfigInput = { listeners: [{ port: 8080 }], pools: { default: { backends: [A] } } };

test("builds the new, swaps, then drains the old", async () => {
  const { change, steps, log, state } = running(base);
  await change({ ...base, pools: { default: { backends: [A], retries: 1 } } }, ["the key is known", "verify is false"]);
  expect(steps).toEqual(["open 8080", "pools", "apply", "retire"]);
  expect(state.config.pools.default?.retries).toBe(1);
  expect(log).toEqual(["warn verify is false", "info config reloaded"]);
  await change({ ...base, pools: { default: { backends: [A], retries: 2 } } }, ["verify is false"]);
  expect(log.splice(2)).toEqual(["info config reloaded"]);
});

test("a config that says the same changes nothing", async () => {
  const { change, steps, log } = running(base);
  await change({ ...base, cache: { ttl: "5m" } });
  expect(steps).toEqual([]);
  expect(log).toEqual([]);
});

test("a wrong config leaves the old one, and is told until it is put right", async () => {
  const { change, refuse, steps, log, state } = running(base);
  await refuse("The config has 2 errors:\nx: found 1\ny: found 2");
  expect(steps).toEqual([]);
  expect(state.reloadError).toBe("The config has 2 errors:\nx: found 1\ny: found 2");
  expect(log).toHaveLength(3);
  expect(log[1]).toBe("error config refused, the one before still runs: x: found 1");
  await change(base);
  expect(state.reloadError).toBeNull();
  expect(log.at(-1)).toBe("info config is again the one that runs");
  expect(steps).toEqual(["open 8080"]);
});

test("a certificate that cannot be read refuses the whole", async () => {
  const { change, files, steps, state } = running(base);
  files.tls = new UserError("listeners[0].tls.cert: found nothing");
  await change({ ...base, pools: { default: { backends: [] } } });
  expect(steps).toEqual([]);
  expect(state.reloadError).toBe("listeners[0].tls.cert: found nothing");
});

test("the listeners follow before the rest is swapped", async () => {
  const { change, files, steps } = running(base);
  await change({ ...base, listeners: [{ port: 9090 }] });
  expect(steps.splice(0)).toEqual(["open 9090", "pools", "apply", "retire"]);
  files.tls = { listeners: [{ cert: "new", key: "new", ...PEM }], pools: {} };
  await change({ ...base, listeners: [{ port: 9090 }] });
  expect(steps).toEqual(["open 9090", "pools", "apply", "retire"]);
});

test("a port in use leaves the config before", async () => {
  const { change, taken, steps, state, bench } = running(base);
  taken.add(9090);
  await change({ listeners: [{ port: 9090 }], pools: { default: { backends: [] } } });
  expect(steps).toEqual([]);
  expect(state.reloadError).toContain("Port 9090 is in use by another program");
  expect(state.reloadError).toContain("listeners[0].port");
  expect(bench.registry.get("default").balancer.backends).toHaveLength(1);
});

test("tells which changes wait for the next start", async () => {
  const { change, log } = running(base);
  await change({ ...base, admin: { port: 9902 }, cache: { entries: 5, ttl: "1s" } });
  expect(log).toEqual([
    "warn admin changed: it takes effect at the next start",
    "warn cache.entries changed: it takes effect at the next start",
    "info config reloaded",
  ]);
});

test("nothing is taken over any more while the gateway stops", async () => {
  const { change, steps, state } = running(base);
  state.phase = "stopping";
  await change({ ...base, listeners: [{ port: 9090 }] });
  expect(steps).toEqual([]);
});

test("what is no user's error is not swallowed", async () => {
  const { change, files } = running(base);
  Object.defineProperty(files, "tls", {
    get() {
      throw new TypeError("bug");
    },
  });
  await expect(change({ ...base, listeners: [{ port: 1 }] })).rejects.toThrow(TypeError);
});
