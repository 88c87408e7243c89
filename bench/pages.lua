-- Requests the pages in turn and prints rate, latencies and wrong responses.
local paths = {}
for path in string.gmatch(os.getenv("PATHS"), "%S+") do paths[#paths + 1] = path end
local at, wrong = 0, 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
done = function(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("%d %d %d %d\n", summary.requests, summary.duration, latency:percentile(95),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
