-- Requests for many targets in turn: wrk ... -- COUNT FIRST SPREAD, where FIRST is how many there have been before, and SPREAD names
-- what differs between them.
local spreads = {
  entries = function(at) return wrk.format(nil, "/c/1k?entry=" .. at) end,
  routes = function(at)
    local fields = { Host = "localhost" }
    for name, value in pairs(wrk.headers) do fields[name] = value end
    if at % 3 == 1 then fields.Host = "service-" .. at .. ".example.com" end
    if at % 3 == 2 then fields.Host = "one.region-" .. at .. ".example.com" end
    return wrk.format(nil, "/r/service-" .. at .. "/v1/items", fields)
  end,
}
spreads.scattered = spreads.entries
local requests, order, count, sent = {}, {}, 0, 0

-- The same in each run.
local function shuffle()
  math.randomseed(1)
  for at = count - 1, 1, -1 do
    local other = math.random(0, at)
    order[at], order[other] = order[other], order[at]
  end
end

function init(args)
  local make = spreads[args[3]]
  count, sent = tonumber(args[1]), tonumber(args[2])
  for at = 0, count - 1 do requests[at], order[at] = make(at), at end
  -- Entries that are asked for as they were stored may lie side by side in memory: clients ask in no order.
  if args[3] == "scattered" then shuffle() end
end

function request()
  local turn = sent % count
  if sent >= count then turn = order[turn] end
  sent = sent + 1
  return requests[turn]
end
