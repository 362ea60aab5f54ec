-- Requests for many targets in turn: wrk ... -- COUNT FIRST SPREAD, where SPREAD names what differs between them.
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
local requests, turn = {}, 0

function init(args)
  local count, make = tonumber(args[1]), spreads[args[3]]
  turn = tonumber(args[2]) % count
  for at = 0, count - 1 do requests[at] = make(at) end
  requests.count = count
end

function request()
  local chosen = requests[turn]
  turn = turn + 1
  if turn == requests.count then turn = 0 end
  return chosen
end
