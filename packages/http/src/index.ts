export { type Authority, isAuthority, splitAuthority } from "./authority.ts";
export { type ConditionField, type ConditionPlan, evaluateConditions, hasConditions } from "./conditional.ts";
export { formatHttpDate, parseHttpDate } from "./date.ts";
export { endToEndSection } from "./end-to-end-section.ts";
export {
  type EntityTagList,
  isWeak,
  parseEntityTag,
  parseEntityTagList,
  strongMatch,
  weaken,
  weakMatch,
} from "./etag.ts";
export { Fact, FieldSection } from "./facts.ts";
export { type FieldList, getField, getFields, hasField, isNamed, joinField, removeField, setField } from "./fields.ts";
export { appendForwarded, clientAddress, type ForwardedHop, replaceForwarded } from "./forwarded.ts";
export { type FramingPlan, type FramingRefusalCode, type HttpVersion, planFraming } from "./framing.ts";
export { connectionOptions, endToEnd, FieldNames, isHopByHop } from "./hop-by-hop.ts";
export { isFieldValue, isToken, quoteIfNeeded, splitList, trimOws, unquote } from "./lists.ts";
export { mediaCharset, mediaEssence } from "./media.ts";
export { isIdempotent, isSafe } from "./methods.ts";
export { chooseEncoding, chooseMediaType, parseQualityList, type Weighted } from "./negotiate.ts";
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
export { type ProxyError, type ProxyStatus, proxyStatus } from "./proxy-status.ts";
export {
  type ByteRange,
  contentRange,
  MAX_RANGES,
  type ParsedRange,
  parseRange,
  planRange,
  type RangePlan,
  type RangeSpec,
  resolveRange,
} from "./range.ts";
export {
  beginsWith,
  DATED,
  type FieldLines,
  type RepeatedFields,
  repeatedLines,
  SIZED,
} from "./repeated-fields.ts";
export type { RequestFault } from "./request-fault.ts";
export { type ReceivedHead, type RequestEvents, RequestParser, type RequestParserOptions } from "./request-parser.ts";
export { ResponseFault, type ResponseFaultCode } from "./response-fault.ts";
export { type ResponseEvents, ResponseParser } from "./response-parser.ts";
export {
  type BareItem,
  type Dictionary,
  type InnerList,
  type Item,
  parseSfDictionary,
  parseSfList,
  sfMember,
  sfString,
  sfTokenOrString,
} from "./structured.ts";
export { MAX_TARGET_LENGTH, planTarget, type TargetPlan, type TargetRefusalCode } from "./target.ts";
export { continueTrace, parseTraceparent, type TraceContext, traceIdOf } from "./trace-context.ts";
export {
  ifMatchHolds,
  ifModifiedSinceHolds,
  ifNoneMatchHolds,
  ifRangeHolds,
  ifUnmodifiedSinceHolds,
  type Validators,
} from "./validators.ts";
export { viaCount, viaValue } from "./via.ts";
