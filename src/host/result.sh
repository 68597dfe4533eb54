# shellcheck shell=sh
# The document result.json, of whoever can say how a job ended; needs lib/json.sh. docs/guard.md.
: "${run_id:?}" "${job:?}"

# As JSON: null, a number, true, false or a quoted string; $message is text, $more further properties with a comma each.
status=infra code=null signal=null timed_out=false begun=null duration=null finished_at='' message='' more=''

result_json() {
  printf '{"schema_version":1,"run_id":"%s","job":"%s","status":"%s","exit_code":%s,"signal":%s,"timed_out":%s,"started_at":%s,"finished_at":"%s","duration_ms":%s,"message":"%s"%s}' \
    "$run_id" "$job" "$status" "$code" "$signal" "$timed_out" "$begun" "$finished_at" "$duration" \
    "$(json_text "$message")" "$more"
}
