# shellcheck shell=bash disable=SC2154 # variables of run.sh
# The command drift, and its issue. Sourced, not run.

drift() {
	local code=0
	rollcall drift "${paths[@]}" --format markdown --marker "$marker" "${common[@]}" "${chosen[@]}" "${more[@]}" >"$work/body.md" 2>"$work/errors" || code=$?
	log "$work/errors" >&2
	if [[ ! -s $work/body.md ]]; then without_plan "$code" >"$work/body.md"; fi
	if [[ $code == 2 ]]; then output changed true; else output changed false; fi
	output markdown "$work/body.md"
	log "$work/body.md"
	summarize "$work/body.md"
	if [[ ${ROLLCALL_COMMENT:-} == true ]]; then keep_issue "$code"; fi
	finish "$code"
}

# keep_issue CODE: one issue for this marker. It is opened, or opened again,
# when there is drift that it does not tell; nothing is sent while nothing
# is new, not even if somebody has closed it; it is closed when all is as
# the files say. A run that could not read everything closes nothing, and
# tells of drift only if it is of some of several organizations.
keep_issue() {
	local ours id open state=as-it-is label=${ROLLCALL_LABEL:-rollcall-drift}
	load_forge
	ours=$(issues "$label" | newest) || die 1 "the issues cannot be read"
	id=$(jq --raw-output '.id' <<<"$ours")
	open=$(jq --raw-output '.open' <<<"$ours")
	if [[ $1 == 0 ]]; then
		if [[ $open == true ]]; then
			issue_update "$id" closed "$work/body.md" || die 1 "the issue was not closed"
		fi
		return
	fi
	if [[ $1 != 2 ]] && ! sed -n 2p "$work/body.md" | grep -Eq '^### rollcall: [0-9]+ organizations: .*[0-9]+ to change'; then return; fi
	if [[ -z $ours ]]; then
		issue_create "${ROLLCALL_TITLE:-JumpCloud differs from the files ($marker)}" "$label" "$work/body.md" || die 1 "no issue was opened"
		return
	fi
	if settled "$work/body.md" "$(jq --raw-output '.body' <<<"$ours")"; then return; fi
	if [[ $open != true ]]; then state=open; fi
	issue_update "$id" "$state" "$work/body.md" || die 1 "the issue was not changed"
	printf 'JumpCloud differs from the files in another way than before. The description says how it does now.\n' >"$work/note.md"
	issue_note "$id" "$work/note.md" || die 1 "no note was written"
}
