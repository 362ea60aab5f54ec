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
export { isFieldValue, isToken, quoteIfNeeded, splitList, trimOws, unquote } from "./lists.ts";
