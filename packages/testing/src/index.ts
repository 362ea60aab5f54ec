export { authority, fieldList, fieldValue, host, token } from "./arbitraries.ts";
export { FakeClock } from "./fake-clock.ts";
export { type Cancel, FakeScheduler } from "./fake-scheduler.ts";
export { forAll } from "./for-all.ts";
export { seededRandom } from "./seeded-random.ts";
