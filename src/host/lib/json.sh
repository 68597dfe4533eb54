# shellcheck shell=sh
# JSON as pikaci writes it: strings without escapes, each property on the line of its name.

# json_text TEXT: safe inside a JSON string, in $json.
json_text() {
  case $1 in
    *[!\ -~]* | *\"* | *\\*) json=$(printf '%s' "$1" | tr -d '\000-\037"\134') ;;
    *) json=$1 ;;
  esac
}

# json_number FILE NAME: the first property of this name that is a whole number, in $json; else that is empty, and it fails.
json_number() {
  json=''
  while IFS= read -r json || [ -n "$json" ]; do
    case $json in *"\"$2\":"*) ;; *) continue ;; esac
    json=${json#*"\"$2\":"}
    json=${json#"${json%%[! ]*}"}
    json=${json%%[!0-9]*}
    [ -z "$json" ] || return 0
  done <"$1"
  json=''
  return 1
} 2>/dev/null

# json_string FILE NAME: the first property of this name that is a string, in $json; else that is empty, and it fails.
json_string() {
  json=''
  while IFS= read -r json || [ -n "$json" ]; do
    case $json in *"\"$2\":"*) ;; *) continue ;; esac
    json=${json#*"\"$2\":"}
    json=${json#"${json%%[! ]*}"}
    case $json in '"'*'"'*) json=${json#?} json=${json%%'"'*} && return ;; esac
  done <"$1"
  json=''
  return 1
} 2>/dev/null
