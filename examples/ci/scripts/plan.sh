# shellcheck shell=bash disable=SC2034,SC2154 # variables of run.sh
# The command plan, and its comment. Sourced, not run.

# plan_once N BASE OPTION...: one plan, into body.md and plan-N.json.
plan_once() {
	local n=$1 base=$2 code=0 options=(--format markdown --marker "$marker" --exit-code)
	shift 2
	if [[ -n $base ]]; then options+=(--base "$base"); fi
	if [[ ${ROLLCALL_OFFLINE:-} == true ]]; then
		options+=(--offline)
	else
		options+=(--out "$work/plan-$n.json")
	fi
	rollcall plan "${paths[@]}" "${options[@]}" "${common[@]}" "$@" "${more[@]}" >"$work/part.md" 2>"$work/errors" || code=$?
	log "$work/errors" >&2
	if [[ ! -s $work/part.md ]]; then without_plan "$code" >"$work/part.md"; fi
	cat "$work/part.md" >>"$work/body.md"
	return "$code"
}

# digests: those of the plans that were made: of the whole if it is one,
# and ID=DIGEST of each organization with changes.
digests() {
	local saved=("$work"/plan-*.json)
	if [[ ! -e ${saved[0]} ]]; then return; fi
	jq --slurp --raw-output \
		'[if length == 1 then .[0].digest else empty end] + [.[].orgs[] | select((.changes | length) > 0 and .id != "") | "\(.id)=\(.digest)"] | join(" ")' "${saved[@]}"
}

plan() {
	local base=${ROLLCALL_BASE:-} all=0 found
	: >"$work/body.md"
	if [[ $base == merge-base ]]; then
		base=$(git merge-base "refs/remotes/origin/${ROLLCALL_TARGET:?}" HEAD) ||
			die 1 "no merge base with $ROLLCALL_TARGET: is this a shallow clone? (fetch-depth: 0, GIT_DEPTH: 0)"
	fi
	if [[ $base == applied ]]; then
		plan_applied || all=$?
	else
		plan_once 1 "$base" "${chosen[@]}" || all=$?
	fi
	found=$(digests)
	output digests "$found"
	if [[ $found == sha256:* ]]; then output digest "${found%% *}"; fi
	if [[ $found == *=* || $all == 2 ]]; then output changed true; else output changed false; fi
	output markdown "$work/body.md"
	output plans "$work/plan-*.json"
	log "$work/body.md"
	summarize "$work/body.md"
	if [[ ${ROLLCALL_COMMENT:-} == true ]]; then comment "$found"; fi
	finish "$all"
}

# plan_applied: a plan for each revision that was applied last.
plan_applied() {
	local n=0 code all=0 base
	by_base
	for base in "${bases[@]}"; do
		n=$((n + 1)) code=0
		# shellcheck disable=SC2086 # ids are words
		only ${based[x$base]}
		plan_once "$n" "$base" "${selected[@]}" || code=$?
		all=$(worst "$all" "$code")
	done
	return "$all"
}

# comment DIGESTS: keeps one comment in the pull request. Its last line is
# for apply: the digests that are reviewed with it.
comment() {
	local number=${ROLLCALL_PULL_REQUEST:-} ours id
	if [[ ! $number =~ ^[0-9]+$ ]]; then die 1 "ROLLCALL_PULL_REQUEST is no number: comments need a pull request"; fi
	load_forge
	cp "$work/body.md" "$work/comment.md"
	if [[ -n $1 ]]; then seal "$1" >>"$work/comment.md"; fi
	ours=$(comments "$number" | newest) || die 1 "the comments of $number cannot be read"
	if [[ -z $ours ]]; then
		comment_create "$number" "$work/comment.md" || die 1 "no comment was written"
	elif ! is_same "$work/comment.md" "$(jq --raw-output '.body' <<<"$ours")"; then
		id=$(jq --raw-output '.id' <<<"$ours")
		comment_update "$number" "$id" "$work/comment.md" || die 1 "the comment was not changed"
	fi
}

most=65000 # characters of a comment; GitHub takes 65,536

# seal DIGESTS: the line with them; only the first where all are too long.
seal() {
	local words=$1
	if (($(wc -c <"$work/comment.md") + ${#words} > most)); then words=${words%% *}; fi
	printf '\n<!-- rollcall-digests %s -->\n' "$words"
}
