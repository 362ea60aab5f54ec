import type { Service } from "./dns-answer.ts";

/** The largest weight that a backend may have by the config. */
const HEAVIEST = 1000;

const byName = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/**
 * SRV records as backends have it: priorities become 0, 1, 2 and so on, weights 1 to 1000 (those of 0, which RFC 2782 gives "a
 * very small chance", 1). In an order of their own, since servers turn theirs from answer to answer.
 */
export function settleServices(services: readonly Service[]): readonly Service[] {
  const priorities = [...new Set(services.map(({ priority }) => priority))].sort((a, b) => a - b);
  const heaviest = services.reduce((most, { weight }) => Math.max(most, weight), 0);
  const scale = Math.min(1, HEAVIEST / heaviest);
  return services
    .map((service) => ({
      ...service,
      target: service.target.toLowerCase(),
      priority: priorities.indexOf(service.priority),
      weight: Math.max(1, Math.round(service.weight * scale)),
    }))
    .sort((a, b) => a.priority - b.priority || byName(a.target, b.target) || a.port - b.port);
}
