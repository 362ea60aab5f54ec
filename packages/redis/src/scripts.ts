import { createHash } from "node:crypto";

/** A Lua script that Redis runs as one step; `keys` of its arguments name keys, all of one slot. */
export interface Script {
  readonly text: string;
  /** By which Redis knows it once it has run. */
  readonly digest: string;
  readonly keys: number;
}

/*
 * The variants under a key are a hash: field "i" is the index, "v1 head:body head:body ..." (newest first), field "h<head>" the
 * framed head and "b<body>" the framed body of a variant. Names are never used twice, so that equal indexes mean equal contents:
 * the index is also the version that writers compare before they write.
 */
const PRELUDE = `
local function indexOf(key)
  if redis.call('TYPE', key).ok ~= 'hash' then return '' end
  local index = redis.call('HGET', key, 'i')
  return index and string.sub(index, 1, 2) == 'v1' and index or ''
end
local function enlist(set, member, now, ttl)
  local kind = redis.call('TYPE', set).ok
  if kind ~= 'zset' and kind ~= 'none' then redis.call('DEL', set) end
  redis.call('ZADD', set, 'GT', string.format('%.0f', now + ttl), member)
  redis.call('ZREMRANGEBYSCORE', set, '-inf', string.format('(%.0f', now))
  local last = redis.call('ZREVRANGE', set, 0, 0, 'WITHSCORES')
  redis.call('PEXPIRE', set, string.format('%.0f', math.max(1, last[2] - now)))
end
`;

function script(keys: number, text: string): Script {
  const whole = (PRELUDE + text).trim();
  return { text: whole, digest: createHash("sha1").update(whole).digest("hex"), keys };
}

/**
 * Key: entries. Arguments: the index that is known, "b" for bodies too, the most bytes. Returns nothing; the index alone, where
 * it is the known one; the index and nil, where there is more than may be read; or the index and the fields in its order.
 */
export const READ: Script = script(
  1,
  `
local index = indexOf(KEYS[1])
if index == '' then return {} end
if index == ARGV[1] then return {index} end
local fields, bytes = {}, 0
for head, body in string.gmatch(index, '([^ :]+):([^ :]+)') do
  fields[#fields + 1] = 'h' .. head
  if ARGV[2] == 'b' then fields[#fields + 1] = 'b' .. body end
end
if #fields > 1024 then return {index, false} end
for _, field in ipairs(fields) do bytes = bytes + redis.call('HSTRLEN', KEYS[1], field) end
if bytes > tonumber(ARGV[3]) then return {index, false} end
if #fields == 0 then return {index, {}} end
return {index, redis.call('HMGET', KEYS[1], unpack(fields))}
`,
);

/**
 * Keys: entries, suffixes of the URL. Arguments: the index that is expected, the new one, ms that all is of use, the time, the
 * suffix, the number of fields that go, these, then names and values of those that come. Returns 1, or 0 where another index
 * was found. What comes is written first: Redis checks its memory only before a script's first write.
 */
export const WRITE: Script = script(
  2,
  `
local index = indexOf(KEYS[1])
if index ~= ARGV[1] then return 0 end
if index == '' and redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DEL', KEYS[1]) end
local gone = tonumber(ARGV[6])
redis.call('HSET', KEYS[1], 'i', ARGV[2], unpack(ARGV, 7 + gone))
if gone > 0 then redis.call('HDEL', KEYS[1], unpack(ARGV, 7, 6 + gone)) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if ARGV[5] ~= '' then enlist(KEYS[2], ARGV[5], tonumber(ARGV[4]), tonumber(ARGV[3])) end
return 1
`,
);

/** Keys: entries, suffixes of the URL. Arguments: the suffix, and the index that is expected or "*". Returns how many variants went. */
export const DROP: Script = script(
  2,
  `
local index = indexOf(KEYS[1])
if ARGV[2] ~= '*' and index ~= ARGV[2] then return 0 end
local _, count = string.gsub(index, ':', '')
redis.call('UNLINK', KEYS[1])
if ARGV[1] ~= '' and redis.call('TYPE', KEYS[2]).ok == 'zset' then redis.call('ZREM', KEYS[2], ARGV[1]) end
return count
`,
);

/** Key: a tag. Arguments: the key that bears it, ms that it is of use, the time. */
export const ENLIST: Script = script(
  1,
  `
enlist(KEYS[1], ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[2]))
return 1
`,
);

/** Key: entries. Returns the number of variants and the bytes they take. */
export const MEASURE: Script = script(
  1,
  `
local _, count = string.gsub(indexOf(KEYS[1]), ':', '')
return {count, redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', '0') or 0}
`,
);

/**
 * Keys: lease, awaited, entries. Arguments: who asks, ms. Returns 1 and the index of the entries where the lease is the
 * asker's now; 0 where another has it, who will then tell when it is over.
 */
export const ACQUIRE: Script = script(
  3,
  `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return {1, indexOf(KEYS[3])} end
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
return {0}
`,
);

/** Keys: lease, awaited. Arguments: who has it, the channel and what to say there if somebody waits. */
export const RELEASE: Script = script(
  2,
  `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if redis.call('DEL', KEYS[2]) == 1 then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return 1
`,
);
