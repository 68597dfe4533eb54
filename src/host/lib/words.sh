# shellcheck shell=sh
# What a program takes its parameters for: each has values that it knows; any other ends the program and is never guessed.

word=''

# known NAME WORD…: one of these.
known() {
  word_name=$1
  shift
  eval "word=\${$word_name-}"
  for value; do [ "$word" != "$value" ] || return 0; done
  refuse "one of: $*"
}

# number NAME…: whole numbers, as a shell counts with them.
number() {
  for word_name; do
    eval "word=\${$word_name-}"
    case $word in '' | *[!0-9]* | 0?* | ????????????????*) refuse 'a number' ;; esac
  done
}

# is_digest TEXT: 64 lower-case hex digits.
is_digest() {
  case ${#1}:$1 in 64:*[!0-9a-f]*) return 1 ;; 64:*) ;; *) return 1 ;; esac
}

# digest NAME…: content hashes.
digest() {
  for word_name; do
    eval "word=\${$word_name-}"
    is_digest "$word" || refuse 'a hash'
  done
}

# identifier NAME…: a run, a key: nothing that leads out of a directory.
identifier() {
  for word_name; do
    eval "word=\${$word_name-}"
    case $word in '' | [!0-9A-Za-z]* | *[!0-9A-Za-z._-]*) refuse 'a name' ;; esac
  done
}

# job_name NAME…: a job, or an instance of one as in `unit (20, pg)`: one name of a file, in which nothing is odd but spaces,
# commas and the parentheses.
job_name() {
  odd_value='*[!0-9A-Za-z._+@, -]*'
  for word_name; do
    eval "word=\${$word_name-}"
    job_base=${word%%" ("*}
    case $job_base in '' | [!0-9A-Za-z]* | *[!0-9A-Za-z._-]*) refuse 'a name' ;; esac
    [ "$word" != "$job_base" ] || continue
    job_values=${word#"$job_base ("} job_values=${job_values%")"}
    # shellcheck disable=SC2254  # a pattern
    case $job_values in '' | $odd_value) refuse 'a name' ;; esac
    { [ "$word" = "$job_base ($job_values)" ] && [ "${#word}" -le 128 ]; } || refuse 'a name'
  done
}

# refuse WANTED: of $word_name and $word.
refuse() {
  fail host "the parameter \`$word_name\` is \`$(printf '%.100s' "$word")\`, not $1
hint: this is a bug in pikaci, or in a program that uses it as a library: please report it"
}
