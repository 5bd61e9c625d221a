# shellcheck shell=bash disable=SC2154 # variables of run.sh
# Organizations by the revision that was applied to them last: the tag
# rollcall-applied/ID of each. Mostly it is the same for all of them, and one
# run does for all. Sourced, not run.

bases=()            # the revisions, "" for none
declare -A based=() # the ids of each, as words; keys begin with an x

# by_base: fills both.
by_base() {
	local ids id base
	ids=$(rollcall plan "${paths[@]}" --offline --base HEAD --format json "${common[@]}" "${chosen[@]}" | jq --raw-output '.orgs[].id') ||
		die 1 "the organizations of the files are not known"
	while IFS= read -r id; do
		if [[ ! $id =~ ^[0-9a-fA-F]{24}$ ]]; then die 1 "a document without org.id: apply in CI needs one in each"; fi
		if base=$(git rev-parse --verify --quiet "refs/tags/rollcall-applied/$id^{commit}"); then
			git merge-base --is-ancestor "$base" HEAD ||
				die 3 "organization $id: a revision is applied that this one does not follow (rollcall-applied/$id is $base). Is this an old job that runs again?"
		elif [[ ${ROLLCALL_BASE:-} =~ ^(applied|0*)$ ]]; then
			base=
		else
			base=$ROLLCALL_BASE
		fi
		if [[ -z ${based[x$base]:-} ]]; then bases+=("$base"); fi
		based[x$base]+="$id "
	done <<<"$ids"
	if ((${#bases[@]} > 1 && ${#allow[@]} > 0)); then
		die 3 "ROLLCALL_ALLOW is for one run, and the organizations were applied at different revisions: name them with ROLLCALL_ORGS"
	fi
}

# only ID...: the options that select organizations.
only() {
	local id
	selected=()
	for id in "$@"; do selected+=(--org "$id"); done
}
