# shellcheck shell=sh
# What the job's directory and guest say of its services. `services/<name>` is a pipe for the log of each; private/heard is
# what the guest told (src/host/services.sh), which a job can forge: it is taken apart here, and only explains a failure.

# list_services: their names, a line each.
list_services() {
  for path in services/*; do
    [ ! -p "$path" ] || printf '%s\n' "${path#services/}"
  done
}

# hear_services: $unready becomes why the command was not started, $died what ended before it did; both may be empty.
hear_services() {
  unready='' died=''
  [ -s private/heard ] || return 0
  while read -r kind name count when; do
    case $name in '' | [!0-9A-Za-z]* | *[!0-9A-Za-z._-]*) continue ;; esac
    case $count in '' | *[!0-9]* | ???????????*) continue ;; esac
    [ -p "services/$name" ] || continue
    case $kind-$when in
      "unready-it was ready" | "unready-the command started") unready="service $name ended with exit $count before $when" ;;
      late-) unready="service $name was not ready within $(seconds "$count")" ;;
      died-) died="${died:+$died, }service $name ended with exit $count before the command did" ;;
    esac
  done <private/heard
}

# seconds MS: for people.
seconds() {
  if [ "$(($1 % 1000))" = 0 ]; then echo "$(($1 / 1000)) s"; else echo "$1 ms"; fi
}

# end_job CODE: the last words to `control`.
end_job() {
  hear_services
  if [ "$1" = 0 ] || [ -z "$unready$died" ]; then
    control "exit $1"
  elif [ -n "$unready" ]; then
    control "unready $unready"
  else
    control "note $died"
    control "exit $1"
  fi
}
