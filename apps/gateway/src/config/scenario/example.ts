/** What `headgate simulate` runs without a file, and a file to begin with. */
export const EXAMPLE: string = `# Four backends. One takes 20 times as long; another is down for ten seconds.
seed: 1
arrivals: { process: poisson, rate: 300, duration: 60s }
service: { distribution: exponential, mean: 10ms }
backends:
  - { name: fast, count: 2, concurrency: 64 }
  - { name: flaky, concurrency: 64, faults: [{ kind: down, from: 20s, to: 30s }] }
  - { name: slow, concurrency: 64, faults: [{ kind: slow, factor: 20 }] }
pool:
  retries: 2
  hedging: false
  outlier: { consecutiveFaults: 5 }
`;
