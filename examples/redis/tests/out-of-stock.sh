redis-cli SET pears 1 >/dev/null
case $(redis-cli --eval stock.lua pears , 2) in *'OUT OF STOCK'*) ;; *) exit 1 ;; esac
[ "$(redis-cli GET pears)" = 1 ]
