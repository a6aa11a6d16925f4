-- Posts carts, for wrk. The workload comes through the environment:
--   BENCH_BODY    a file: the request body with @CART_ID@ and @PRICE@ in it
--   BENCH_KEY     the API key
--   BENCH_RUN     a word that no other run uses, so that "new" carts are new
--   BENCH_SEEDED  0: every third request is a new cart, the others repeat a recent one;
--                 N: every request repeats one of the carts seed-1 to seed-N

local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init()
  local file = assert(io.open(os.getenv("BENCH_BODY"), "rb"))
  local text = file:read("*a")
  file:close()
  local id_from, id_to = text:find("@CART_ID@", 1, true)
  local price_from, price_to = text:find("@PRICE@", 1, true)
  before = text:sub(1, id_from - 1)
  between = text:sub(id_to + 1, price_from - 1)
  after = text:sub(price_to + 1)
  prefix = os.getenv("BENCH_RUN") .. "-" .. number .. "-"
  seeded = tonumber(os.getenv("BENCH_SEEDED"))
  sent, newest = 0, 0
  math.randomseed(number)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["X-Authorization"] = os.getenv("BENCH_KEY")
end

local function cart_id()
  if seeded > 0 then
    return "seed-" .. math.random(1, seeded)
  end
  sent = sent + 1
  if sent % 3 == 1 then
    newest = newest + 1
    return prefix .. newest
  end
  return prefix .. math.max(1, newest - math.random(0, 99))
end

function request()
  return wrk.format(nil, nil, nil,
    before .. cart_id() .. between .. math.random(1000, 9999) .. after)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "RESULT %d %d %.1f %.1f %d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
