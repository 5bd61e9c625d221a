# shellcheck shell=bash disable=SC2034,SC2154 # variables that lib.sh reads, and of run.sh
# What the scripts ask of GitHub, by its REST API. Sourced, not run.
#
# Comments and issues count only if their author is the one whose token this
# is: everybody may write a comment with our marker, and no digest of theirs
# is a review.
api_url=${GITHUB_API_URL:-https://api.github.com}/repos/${GITHUB_REPOSITORY:?}
auth_header=Authorization
auth_prefix='Bearer '

author=${ROLLCALL_AUTHOR:-github-actions[bot]}

body_json() { jq --null-input --rawfile body "$1" '{body: $body}' >"$work/body.json"; }

# comments NUMBER: our comments of a pull request as [{id, body}].
comments() {
	api_all "issues/$1/comments" | jq --arg author "$author" '[.[] | select(.user.login == $author) | {id, body}]'
}

comment_create() { # NUMBER FILE
	body_json "$2"
	api POST "issues/$1/comments" "$work/body.json" >/dev/null
}

comment_update() { # NUMBER ID FILE
	body_json "$3"
	api PATCH "issues/comments/$2" "$work/body.json" >/dev/null
}

# issues LABEL: our issues with a label as [{id, body, open}].
issues() {
	api_all "issues?state=all&labels=$(encoded "$1")" | jq --arg author "$author" \
		'[.[] | select(.user.login == $author and (has("pull_request") | not)) | {id: .number, body: (.body // ""), open: (.state == "open")}]'
}

# issue_create TITLE LABEL FILE. The label is made first if it is missing:
# without it the issue would not be found again.
issue_create() {
	if ! api_all labels | jq --exit-status --arg name "$2" 'any(.[]; .name == $name)' >/dev/null; then
		jq --null-input --arg name "$2" '{name: $name}' >"$work/body.json"
		api POST labels "$work/body.json" >/dev/null || return 1
	fi
	jq --null-input --arg title "$1" --arg name "$2" --rawfile body "$3" '{title: $title, labels: [$name], body: $body}' >"$work/body.json"
	api POST issues "$work/body.json" >/dev/null
}

issue_update() { # ID open|closed|as-it-is FILE
	jq --null-input --arg state "$2" --rawfile body "$3" '{body: $body} + if $state == "as-it-is" then {} else {state: $state} end' >"$work/body.json"
	api PATCH "issues/$1" "$work/body.json" >/dev/null
}

issue_note() { # ID FILE
	body_json "$2"
	api POST "issues/$1/comments" "$work/body.json" >/dev/null
}

# merged_by COMMIT: the numbers of the pull requests whose merge it is.
merged_by() {
	api_all "commits/$1/pulls" | jq --raw-output --arg commit "$1" '.[] | select(.merged_at != null and .merge_commit_sha == $commit) | .number'
}

# move_tag NAME COMMIT: makes the tag, or moves it.
move_tag() {
	jq --null-input --arg ref "refs/tags/$1" --arg sha "$2" '{ref: $ref, sha: $sha}' >"$work/create.json"
	jq --null-input --arg sha "$2" '{sha: $sha, force: true}' >"$work/move.json"
	if git rev-parse --verify --quiet "refs/tags/$1" >/dev/null; then
		api PATCH "git/refs/tags/$1" "$work/move.json" >/dev/null
	else
		api POST git/refs "$work/create.json" >/dev/null
	fi
}
