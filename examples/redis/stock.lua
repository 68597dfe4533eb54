-- Takes ARGV[1] pieces of KEYS[1] out of stock: what is left, or an error where there are fewer.
local left = tonumber(redis.call('GET', KEYS[1]) or '0')
local wanted = tonumber(ARGV[1])
if wanted > left then
  return redis.error_reply('OUT OF STOCK')
end
return redis.call('DECRBY', KEYS[1], wanted)
