# shellcheck shell=bash disable=SC2034,SC2154 # variables that lib.sh reads, and of run.sh
# What the scripts ask of GitLab, by its REST API. Sourced, not run.
#
# Notes and issues count only if their author is the one whose token this
# is: everybody may write a note with our marker, and no digest of theirs is
# a review.
api_url=${CI_API_V4_URL:?}
auth_header=PRIVATE-TOKEN
auth_prefix=
project=projects/${CI_PROJECT_ID:?}

# me: the id of the token's owner, asked for once.
me() {
	if [[ ! -s $work/me ]]; then api GET user | jq '.id' >"$work/me" || return 1; fi
	cat "$work/me"
}

body_json() { jq --null-input --rawfile body "$1" '{body: $body}' >"$work/body.json"; }

# comments NUMBER: our notes of a merge request as [{id, body}].
comments() {
	local author
	author=$(me) || return 1
	api_all "$project/merge_requests/$1/notes" | jq --argjson author "$author" '[.[] | select(.author.id == $author and (.system | not)) | {id, body}]'
}

comment_create() { # NUMBER FILE
	body_json "$2"
	api POST "$project/merge_requests/$1/notes" "$work/body.json" >/dev/null
}

comment_update() { # NUMBER ID FILE
	body_json "$3"
	api PUT "$project/merge_requests/$1/notes/$2" "$work/body.json" >/dev/null
}

# issues LABEL: our issues with a label as [{id, body, open}].
issues() {
	local author
	author=$(me) || return 1
	api_all "$project/issues?scope=all&labels=$(encoded "$1")" | jq --argjson author "$author" \
		'[.[] | select(.author.id == $author) | {id: .iid, body: (.description // ""), open: (.state == "opened")}]'
}

issue_create() { # TITLE LABEL FILE
	jq --null-input --arg title "$1" --arg name "$2" --rawfile body "$3" '{title: $title, labels: $name, description: $body}' >"$work/body.json"
	api POST "$project/issues" "$work/body.json" >/dev/null
}

issue_update() { # ID open|closed|as-it-is FILE
	jq --null-input --arg state "$2" --rawfile body "$3" \
		'{description: $body} + ({open: {state_event: "reopen"}, closed: {state_event: "close"}}[$state] // {})' >"$work/body.json"
	api PUT "$project/issues/$1" "$work/body.json" >/dev/null
}

issue_note() { # ID FILE
	body_json "$2"
	api POST "$project/issues/$1/notes" "$work/body.json" >/dev/null
}

# merged_by COMMIT: the numbers of the merge requests whose merge it is.
merged_by() {
	api_all "$project/repository/commits/$1/merge_requests" | jq --raw-output --arg commit "$1" \
		'.[] | select(.state == "merged" and ([.merge_commit_sha, .squash_commit_sha, .sha] | index($commit))) | .iid'
}

# move_tag NAME COMMIT: makes the tag, or moves it, by a push: GitLab's API
# cannot move one. The token goes by the environment, not by the URL.
move_tag() {
	local basic
	basic=$(printf 'oauth2:%s' "$token" | base64 | tr -d '\n')
	GIT_TERMINAL_PROMPT=0 GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="Authorization: Basic $basic" \
		git push --quiet --force "${CI_SERVER_URL:?}/${CI_PROJECT_PATH:?}.git" "$2:refs/tags/$1"
}
