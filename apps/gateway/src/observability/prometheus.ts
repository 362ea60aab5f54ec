import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type Distribution, LATENCY_BOUNDS } from "./tally.ts";

/** Name, help text and label names of a metric. */
export interface MetricSpec<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
}

/** As prom-client keeps its own histograms' samples. */
interface Sample {
  readonly labels: object;
  readonly sharedLabels: object;
  readonly value: number;
  readonly metricName: string;
}

/** Values under their labels. */
export type Series<L extends string, T = number> = readonly [labels: Record<L, string>, value: T];

/** Asked for all the series of a metric at each scrape. */
export type Reader<L extends string, T = number> = () => Iterable<Series<L, T>>;

/** The samples of one distribution: cumulated buckets, sum and count. */
function samplesOf(name: string, labels: object, found: Distribution): Sample[] {
  const sample = (suffix: string, own: object, value: number): Sample => ({
    labels: own,
    sharedLabels: labels,
    value,
    metricName: `${name}_${suffix}`,
  });
  let count = 0;
  const buckets = Array.from(found.counts, (inBucket, bucket) => {
    count += inBucket;
    return sample("bucket", { le: LATENCY_BOUNDS[bucket] ?? "+Inf" }, count);
  });
  return [...buckets, sample("sum", {}, found.sum), sample("count", {}, count)];
}

/** A histogram whose buckets are filled elsewhere and read at scrape time. */
class ReadHistogram<L extends string> extends Histogram<L> {
  readonly #spec: MetricSpec<L>;
  readonly #read: Reader<L, Distribution>;

  constructor(spec: MetricSpec<L>, registry: Registry, read: Reader<L, Distribution>) {
    super({ name: spec.name, help: spec.help, labelNames: spec.labels, registers: [registry] });
    this.#spec = spec;
    this.#read = read;
  }

  /** What prom-client asks a histogram for when the registry is printed; its types leave it out. */
  getForPromString(): Promise<object> {
    const { name, help } = this.#spec;
    const values = Array.from(this.#read(), ([labels, found]) => samplesOf(name, labels, found)).flat();
    return Promise.resolve({ name, help, type: "histogram", values, aggregator: "sum" });
  }
}

/** A registry of its own for each gateway; its metrics are read from the gateway's own numbers when it is scraped. */
export class ScrapeRegistry {
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  counter<L extends string>({ name, help, labels }: MetricSpec<L>, read: Reader<L>): void {
    new Counter<L>({
      ...{ name, help, labelNames: labels, registers: [this.#registry] },
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.inc(labels, value);
      },
    });
  }

  gauge<L extends string>({ name, help, labels }: MetricSpec<L>, read: Reader<L>): void {
    new Gauge<L>({
      ...{ name, help, labelNames: labels, registers: [this.#registry] },
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.set(labels, value);
      },
    });
  }

  histogram<L extends string>(spec: MetricSpec<L>, read: Reader<L, Distribution>): void {
    new ReadHistogram(spec, this.#registry, read);
  }
}
