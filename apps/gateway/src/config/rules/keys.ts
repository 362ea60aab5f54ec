import { DEFAULT_API_KEY } from "../schema/auth.ts";
import { type Rule, repeats, verdict } from "./rule.ts";

/** Names and keys stand once: two identities with one key could not be told apart. */
export const distinctKeys: Rule = ({ auth }) => {
  const keys = auth?.apiKeys ?? [];
  const names = repeats(keys, ({ name }) => name).map(({ index, first }) => ({
    path: ["auth", "apiKeys", index, "name"],
    found: `${JSON.stringify(keys[index]?.name)} a second time`,
    expected: `a name that auth.apiKeys[${first}] does not have`,
  }));
  const secrets = repeats(keys, ({ key }) => key).map(({ index, first }) => ({
    path: ["auth", "apiKeys", index, "key"],
    found: `the key of auth.apiKeys[${first}] a second time`,
    expected: "a key of its own",
  }));
  return verdict([...names, ...secrets]);
};

/** The development key is for development. */
export const ownKeyInProduction: Rule = ({ auth }, { production }) => {
  const index = auth?.apiKeys.findIndex(({ key }) => key === DEFAULT_API_KEY) ?? -1;
  if (index === -1) return verdict();
  const path = ["auth", "apiKeys", index, "key"];
  if (!production)
    return verdict(
      [],
      [
        `auth.apiKeys[${index}].key is the development key ${DEFAULT_API_KEY}, which everybody knows: set your own before others can reach this gateway.`,
      ],
    );
  const hint = `set a key of your own in the config file or with HEADGATE_AUTH__API_KEYS__${index}__KEY`;
  return verdict([
    { path, found: "the development key", expected: "a secret key, since NODE_ENV is production", hint },
  ]);
};

/** A route that asks for a key can be used by nobody where there are none. */
export const someKey: Rule = ({ auth, routes }) => {
  const route = routes?.findIndex((route) => route.auth === "api-key") ?? -1;
  if (auth === undefined || auth.apiKeys.length > 0 || route === -1) return verdict();
  const expected = `at least one key, since routes[${route}] asks for one`;
  return verdict([
    { path: ["auth", "apiKeys"], found: "an empty list", expected, hint: "add a key, or set the route's auth to none" },
  ]);
};
