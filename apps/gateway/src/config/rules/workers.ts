import { type Rule, verdict } from "./rule.ts";

/** One process is what runs today, whatever is asked for. */
export const oneWorker: Rule = ({ workers = 1 }) =>
  verdict(
    [],
    workers === 1 ? [] : [`workers is ${workers}, but more than one process is not supported yet: one runs.`],
  );
