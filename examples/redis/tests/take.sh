redis-cli SET apples 5 >/dev/null
[ "$(redis-cli --eval stock.lua apples , 2)" = 3 ]
[ "$(redis-cli GET apples)" = 3 ]
