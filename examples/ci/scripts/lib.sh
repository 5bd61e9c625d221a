# shellcheck shell=bash disable=SC2154 # variables of run.sh and of the forge
# What the scripts beside it share. Sourced, not run.
set -euo pipefail
umask 077 # plans, journals and bodies are for this user only

die() { # CODE TEXT...: ends the step
	local code=$1
	shift
	printf 'rollcall ci: %s\n' "$*" >&2
	exit "$code"
}

# lines ARRAY TEXT: the lines of TEXT that are not empty, as they are. One
# line is one argument: nothing is split, expanded or evaluated.
lines() {
	local -n into=$1
	local line
	into=()
	while IFS= read -r line || [[ -n $line ]]; do
		line=${line%$'\r'}
		if [[ -n $line ]]; then into+=("$line"); fi
	done <<<"$2"
}

# api METHOD PATH [FILE]: one request to the forge, with a file of JSON as
# the body; prints the answer. The token goes by a file descriptor: process
# arguments are for everybody to see. Only reads are tried again: a comment
# that is posted twice is two comments.
api() {
	local method=$1 url=$api_url/$2 body=${3:-} answer=$work/answer
	local options=(--silent --show-error --fail-with-body --max-time 60 --request "$method" --output "$answer")
	if [[ $method == GET ]]; then options+=(--retry 3); fi
	if [[ -n $body ]]; then options+=(--header 'Content-Type: application/json' --data-binary "@$body"); fi
	if ! curl "${options[@]}" --header @<(printf '%s: %s\n' "$auth_header" "$auth_prefix$token") "$url"; then
		head -c 500 "$answer" >&2 2>/dev/null || true
		printf '\nrollcall ci: %s %s did not work: look at the permissions of the job (docs/ci.md)\n' "$method" "$2" >&2
		return 1
	fi
	cat "$answer"
}

# api_all PATH: every page of a list as one JSON array.
api_all() {
	local page=1 sep='?' count
	if [[ $1 == *\?* ]]; then sep='&'; fi
	: >"$work/pages"
	while :; do
		api GET "$1${sep}per_page=100&page=$page" >"$work/page" || return 1
		cat "$work/page" >>"$work/pages"
		count=$(jq 'length' "$work/page") || return 1
		if ((count < 100)); then break; fi
		page=$((page + 1))
	done
	jq --slurp 'add // []' "$work/pages"
}

# newest: of [{id, body}] the last one with our marker as its first line, or
# nothing.
newest() {
	jq --arg first "<!-- rollcall:$marker -->" '[.[] | select(.body | split("\n")[0] | rtrimstr("\r") == $first)] | sort_by(.id) | last // empty'
}

# encoded TEXT: for a query.
encoded() { jq --null-input --raw-output --arg text "$1" '$text | @uri'; }

# is_same FILE TEXT: whether a body is the one that the forge has. It may
# have changed line breaks and dropped the last one.
is_same() {
	local new old
	new=$(tr -d '\r' <"$1")
	old=$(tr -d '\r' <<<"$2")
	[[ $new == "$old" ]]
}

# settled FILE TEXT: the same, whatever commit the files are of: drift that
# is the same is no news because somebody has committed something else.
settled() {
	# shellcheck disable=SC2016 # backticks of Markdown
	local head='s/, head `[0-9a-f]+`//'
	sed -E "$head" "$1" >"$work/settled"
	is_same "$work/settled" "$(sed -E "$head" <<<"$2")"
}

# literal FILE: text as Markdown that shows it as it is; of a long one the
# end, where the results and the last errors are.
literal() {
	tail -c 8000 "$1" | tr -d '\000\r' | sed 's/^/    /'
	printf '\n'
}

# log FILE: prints it so that no line of it is a command to the runner.
log() {
	local stop
	if [[ ! -s $1 ]]; then return 0; fi
	if [[ $forge == github ]]; then
		stop=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
		printf '::stop-commands::%s\n' "$stop"
		cat "$1"
		printf '\n::%s::\n' "$stop"
	else
		cat "$1"
	fi
}

# summarize FILE: shows it on the page of the run, where there is one.
summarize() {
	if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then cat "$1" >>"$GITHUB_STEP_SUMMARY"; fi
}

# output NAME VALUE: for the steps after this one.
output() {
	if [[ -n ${GITHUB_OUTPUT:-} ]]; then printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; fi
}

# worst CODE CODE: the exit code of both, in rollcall's order: 4, 1, 3, 2,
# 0. Codes that are not rollcall's come first.
worst() {
	local code
	for code in "$@"; do
		case $code in
		0 | 1 | 2 | 3 | 4) ;;
		*)
			printf '%s\n' "$code"
			return
			;;
		esac
	done
	for code in 4 1 3 2; do
		if [[ $1 == "$code" || $2 == "$code" ]]; then
			printf '%s\n' "$code"
			return
		fi
	done
	printf '0\n'
}
