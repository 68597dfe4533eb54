# shellcheck shell=sh
# The document result.json, of whoever can say how a job ended; needs lib/json.sh. docs/guard.md.
: "${run_id:?}" "${job:?}"

# no_result: as JSON: null, a number, true, false or a quoted string; $message is text, $more further properties with a comma
# each.
no_result() {
  status=infra code=null signal=null timed_out=false begun=null duration=null finished_at='' message='' more=''
}
no_result

# result_json: in $result.
result_json() {
  json_text "$message"
  result="{\"schema_version\":1,\"run_id\":\"$run_id\",\"job\":\"$job\",\"status\":\"$status\",\"exit_code\":$code"
  result="$result,\"signal\":$signal,\"timed_out\":$timed_out,\"started_at\":$begun,\"finished_at\":\"$finished_at\""
  # shellcheck disable=SC2034  # of whoever asked
  result="$result,\"duration_ms\":$duration,\"message\":\"$json\"$more}"
}
