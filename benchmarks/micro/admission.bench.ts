import { createAddressRules, createKeyRing, planRate } from "@headgate/admission";
import { bench, do_not_optimize, group } from "mitata";

const NOW = 1_800_000_000_000;
const ringOf = (size: number) =>
  createKeyRing(Array.from({ length: size }, (_, at) => ({ name: `app ${at}`, key: `a-key-of-some-length-${at}` })));

group("admission", () => {
  for (const size of [1, 10, 100]) {
    const ring = ringOf(size);
    bench(`identify, ${size} keys`, () => do_not_optimize(ring.identify(`a-key-of-some-length-${size - 1}`)));
  }
  const ring = ringOf(10);
  bench("identify, a wrong key", () => do_not_optimize(ring.identify("a-key-that-nobody-has")));
  const policy = { name: "default", limit: 1000, window: 60_000 };
  bench("planRate", () => do_not_optimize(planRate(NOW + 500, NOW, policy)));
  const rules = createAddressRules({ allow: ["10.0.0.0/8", "203.0.113.0/24"], deny: ["10.1.0.0/16"] });
  bench("address rules", () => do_not_optimize(rules.check("203.0.113.7")));
});
