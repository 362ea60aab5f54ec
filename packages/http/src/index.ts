export { type Authority, isAuthority, splitAuthority } from "./authority.ts";
export { formatHttpDate, parseHttpDate } from "./date.ts";
export {
  type EntityTagList,
  isWeak,
  parseEntityTag,
  parseEntityTagList,
  strongMatch,
  weaken,
  weakMatch,
} from "./etag.ts";
export { type FieldList, getField, getFields, hasField, joinField, removeField, setField } from "./fields.ts";
export { type FramingPlan, type FramingRefusalCode, type HttpVersion, planFraming } from "./framing.ts";
export { connectionOptions, endToEnd, isHopByHop } from "./hop-by-hop.ts";
export { isFieldValue, isToken, quoteIfNeeded, splitList, trimOws, unquote } from "./lists.ts";
export { isIdempotent, isSafe } from "./methods.ts";
export { normalizePathname } from "./path.ts";
export {
  PROBLEM_CODES,
  PROBLEM_JSON,
  type ProblemCode,
  type ProblemKind,
  problemBody,
  problemKind,
  problemPage,
} from "./problem.ts";
export { MAX_TARGET_LENGTH, planTarget, type TargetPlan, type TargetRefusalCode } from "./target.ts";
