import type { Random } from "./draws.ts";

/** How long a backend of speed 1 works on one attempt, once it has begun. */
export type ServiceTime =
  | { readonly distribution: "constant" | "exponential" /** ms */; readonly mean: number }
  /** `sigma` of the logarithm: 0.5 is mild, 1 has a p99 ten times the median. */
  | { readonly distribution: "log-normal" /** ms */; readonly mean: number; readonly sigma: number }
  /** `alpha` above 1: the nearer to it, the heavier the tail. */
  | { readonly distribution: "pareto" /** ms */; readonly mean: number; readonly alpha: number };

/** One draw, ms; the mean of many is `mean`. */
export function drawServiceTime(service: ServiceTime, random: Random): number {
  const { mean } = service;
  switch (service.distribution) {
    case "constant":
      return mean;
    case "exponential":
      return -Math.log(1 - random()) * mean;
    case "log-normal":
      return mean * Math.exp(service.sigma * normal(random) - service.sigma ** 2 / 2);
    case "pareto":
      return (mean * (1 - 1 / service.alpha)) / (1 - random()) ** (1 / service.alpha);
  }
}

/** Source: Box and Muller (1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
