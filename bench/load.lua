-- Sends one kind of request of a mixed load, from a file with method, path and optional body per line.
local lines, at, wrong = {}, 0, 0
for line in io.lines(os.getenv("REQUESTS")) do lines[#lines + 1] = line end
local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }
request = function()
  at = at % #lines + 1
  local method, path, body = string.match(lines[at], "^(%S+)\t(%S+)\t?(.*)$")
  return wrk.format(method, path, headers, body ~= "" and body or nil)
end
done = function(summary, latency, _)
  local errors = summary.errors
  io.write(string.format("%d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(95), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
