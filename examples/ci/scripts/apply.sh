# shellcheck shell=bash disable=SC2034,SC2154 # variables of run.sh
# The command apply, and the tags of what was applied. Sourced, not run.

whole=''                # the digest that the plan of everything must have
declare -A digest_of=() # the digests that plans of organizations must have, by id

apply() {
	local expect=${ROLLCALL_EXPECT:-comment} base code all=0
	load_forge
	if [[ $expect == comment ]]; then
		marker=${ROLLCALL_MARKER:-plan}
		expect=$(reviewed) || die 3 "nothing is applied: no reviewed plan was found. Run the job by hand to plan again and approve that (docs/ci.md)"
	fi
	if [[ $expect != any ]]; then expected "$expect"; fi
	by_base
	: >"$work/applied.txt"
	for base in "${bases[@]}"; do
		code=0
		# shellcheck disable=SC2086 # ids are words
		apply_from "$base" ${based[x$base]} || code=$?
		all=$(worst "$all" "$code")
	done
	tell_applied "$all"
	finish "$all"
}

# reviewed: the digests in the comment of the pull request that was merged
# as this commit. Only the last line counts, which only we write.
reviewed() {
	local number last pattern='^<!-- rollcall-digests ([A-Za-z0-9:= ]+) -->$'
	number=$(merged_by "$(git rev-parse HEAD)") || return 1
	if [[ ! $number =~ ^[0-9]+$ ]]; then
		printf 'rollcall ci: this commit is the merge of no pull request, or of several\n' >&2
		return 1
	fi
	last=$(comments "$number" | newest | jq --raw-output '.body' | tr -d '\r' | sed '/^$/d' | tail -n 1) || return 1
	if [[ ! $last =~ $pattern ]]; then
		printf 'rollcall ci: pull request %s has no comment with a digest\n' "$number" >&2
		return 1
	fi
	printf '%s\n' "${BASH_REMATCH[1]}"
}

# expected WORDS: takes digests apart.
expected() {
	local word words
	read -r -d '' -a words <<<"$1" || true
	for word in "${words[@]}"; do
		case $word in
		*=*) digest_of[${word%%=*}]=${word#*=} ;;
		*) whole=$word ;;
		esac
	done
	if [[ -z $whole && ${#digest_of[@]} == 0 ]]; then die 3 "nothing is applied: ROLLCALL_EXPECT is empty"; fi
}

# apply_from BASE ID...: applies to organizations with one base. The digest
# of the whole says that nothing else changes anywhere; without it whoever
# has no digest is left out.
apply_from() {
	local base=$1 id code=0 ids=() options=()
	shift
	if [[ ${expect} == any ]]; then
		options+=(--yes) ids=("$@")
	elif [[ -n $whole && ${#bases[@]} == 1 ]]; then
		options+=(--expect "$whole") ids=("$@")
	else
		for id in "$@"; do
			if [[ -z ${digest_of[$id]:-} ]]; then
				printf 'Organization %s is left out: the reviewed plan changes nothing in it.\n' "$id" >>"$work/applied.txt"
				continue
			fi
			options+=(--expect "$id=${digest_of[$id]}") ids+=("$id")
		done
	fi
	if ((${#ids[@]} == 0)); then return 0; fi
	if [[ -n $base ]]; then options+=(--base "$base"); fi
	only "${ids[@]}"
	rollcall apply "${paths[@]}" "${options[@]}" --journal "$work/journal.jsonl" "${common[@]}" "${selected[@]}" "${more[@]}" \
		>>"$work/applied.txt" 2>"$work/errors" || code=$?
	cat "$work/errors" >>"$work/applied.txt"
	tag "$code" "$base" "${ids[@]}" || code=$(worst "$code" 1)
	return "$code"
}

# tag CODE BASE ID...: moves rollcall-applied/ID of each organization that
# is as this revision says: all of them after 0, those whose plan is empty
# now after 4, none if nothing was written.
tag() {
	local code=$1 base=$2 id head failed=0 options=()
	shift 2
	if ((code != 0 && code != 4)); then return 0; fi
	if [[ -n $base ]]; then options+=(--base "$base"); fi
	head=$(git rev-parse HEAD)
	for id in "$@"; do
		if ((code != 0)) || partial; then
			rollcall plan "${paths[@]}" "${options[@]}" --exit-code --format json "${common[@]}" --org "$id" >/dev/null 2>&1 || continue
		fi
		if [[ $(git rev-parse --verify --quiet "refs/tags/rollcall-applied/$id^{commit}") == "$head" ]]; then continue; fi
		move_tag "rollcall-applied/$id" "$head" || failed=1
	done
	return "$failed"
}

# partial tells whether the arguments leave out changes of this revision.
partial() {
	local word
	for word in "${more[@]}"; do
		case $word in --no-removals | --target | --target=*) return 0 ;; esac
	done
	return 1
}

# tell_applied CODE: what was done, in the log, on the page and as outputs.
tell_applied() {
	local changed=false
	log "$work/applied.txt"
	{
		printf '### rollcall apply: exit code %s\n\n' "$1"
		literal "$work/applied.txt"
	} >"$work/body.md"
	summarize "$work/body.md"
	if [[ -s $work/journal.jsonl ]] && jq --exit-status --slurp 'any(.[]; .event == "end" and .written)' "$work/journal.jsonl" >/dev/null; then
		changed=true
	fi
	output changed "$changed"
	output markdown "$work/body.md"
	output journal "$work/journal.jsonl"
}
