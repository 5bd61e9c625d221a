#!/usr/bin/env bash
# One rollcall command as a step of CI, on GitHub, GitLab or neither. All its
# input is in environment variables, lists have one entry a line:
#
#   ROLLCALL_COMMAND       validate, plan, apply or drift
#   ROLLCALL_BIN           the program; rollcall on the PATH
#   ROLLCALL_PATHS         files and folders; rollcall.yaml
#   ROLLCALL_BASE          plan: a revision, merge-base, or applied: the tag
#                          rollcall-applied/ID of each organization. apply: the
#                          revision to compare with where an organization has
#                          no such tag yet
#   ROLLCALL_TARGET        the branch of merge-base
#   ROLLCALL_ORGS          --org, each
#   ROLLCALL_ALLOW         --allow, each
#   ROLLCALL_ARGS          further arguments
#   ROLLCALL_OFFLINE       true: plan --offline, without any key
#   ROLLCALL_SANDBOX       --sandbox: a state file instead of JumpCloud
#   ROLLCALL_EXPECT        apply: comment (the digest that the comment of the
#                          merged pull request shows), any, or digests:
#                          sha256:... of the whole plan, ID=sha256:... of
#                          one organization
#   ROLLCALL_COMMENT       true: plan keeps one comment in the pull request,
#                          drift keeps one issue
#   ROLLCALL_PULL_REQUEST  its number
#   ROLLCALL_MARKER        tells comments and issues of several jobs apart
#   ROLLCALL_LABEL         of the issue; rollcall-drift
#   ROLLCALL_TITLE         of the issue
#   ROLLCALL_AUTHOR        GitHub: whose comments count; github-actions[bot]
#   ROLLCALL_WORK          a folder for the plan and the journal
#   ROLLCALL_API_KEY       JUMPCLOUD_API_KEY of rollcall alone
#   ROLLCALL_TOKEN         the forge's token, which rollcall does not see
#
# The exit code is rollcall's, but 0 for changes and drift (2): the output
# exit-code has it as it was.
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
source "$scripts/lib.sh"
# shellcheck source=organizations.sh
source "$scripts/organizations.sh"

# A file names the variables that passwords come from, so rollcall gets none
# that is not for it. See SECURITY.md.
token=${ROLLCALL_TOKEN:-}
api_key=${ROLLCALL_API_KEY:-}
unset ROLLCALL_TOKEN ROLLCALL_API_KEY GH_TOKEN GITHUB_TOKEN ACTIONS_RUNTIME_TOKEN ACTIONS_ID_TOKEN_REQUEST_TOKEN \
	CI_JOB_TOKEN CI_JOB_JWT CI_REGISTRY_PASSWORD CI_DEPLOY_PASSWORD CI_DEPENDENCY_PROXY_PASSWORD CI_REPOSITORY_URL

forge=none
if [[ ${GITHUB_ACTIONS:-} == true ]]; then
	forge=github
elif [[ ${GITLAB_CI:-} == true ]]; then
	forge=gitlab
fi

# Where plans, journals and bodies are while the job runs.
work=${ROLLCALL_WORK:-}
if [[ -z $work ]]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work"
work=$(cd "$work" && pwd)
chmod 700 "$work"
rm -f "$work"/plan-*.json "$work/body.md" "$work/me"

bin=${ROLLCALL_BIN:-rollcall}
command=${ROLLCALL_COMMAND:?}
marker=${ROLLCALL_MARKER:-$command}
if [[ ! $marker =~ ^[A-Za-z0-9._/-]+$ ]]; then die 1 "ROLLCALL_MARKER may have letters, digits and . _ - / only"; fi

paths=() orgs=() allow=() more=()
lines paths "${ROLLCALL_PATHS:-}"
lines orgs "${ROLLCALL_ORGS:-}"
lines allow "${ROLLCALL_ALLOW:-}"
lines more "${ROLLCALL_ARGS:-}"
common=(--quiet --color never)
for a in "${allow[@]}"; do common+=(--allow "$a"); done
if [[ -n ${ROLLCALL_SANDBOX:-} ]]; then common+=(--sandbox "$ROLLCALL_SANDBOX"); fi
chosen=()
for o in "${orgs[@]}"; do chosen+=(--org "$o"); done

# rollcall ARG...: runs it, with its key in its environment alone.
rollcall() {
	if [[ -n $api_key ]]; then
		JUMPCLOUD_API_KEY=$api_key command "$bin" "$@"
	else
		command "$bin" "$@" # not this function
	fi
}

load_forge() {
	if [[ $forge == none ]]; then die 1 "neither GitHub Actions nor GitLab CI: there is nowhere to comment"; fi
	if [[ -z $token ]]; then die 1 "ROLLCALL_TOKEN is empty: it is what comments, issues and tags are written with"; fi
	# shellcheck source=/dev/null
	source "$scripts/$forge.sh"
}

# finish CODE: writes the outputs that every command has, and ends.
finish() {
	local why
	output exit-code "$1"
	case $1 in
	0 | 2) exit 0 ;;
	1) why='an error: bad files, or something cannot be read or written' ;;
	3) why='refused, and nothing was written: a limit, a protected name, an incomplete read, another digest or a wrong organization' ;;
	4) why='something was written and something was not: running again does the rest' ;;
	*) why='a wrong argument, or rollcall did not run' ;;
	esac
	if [[ $forge == github ]]; then printf '::error title=rollcall %s, exit code %s::%s. The summary of the run says more.\n' "$command" "$1" "$why"; fi
	exit "$1"
}

# without_plan CODE: a body that says why there is no plan, in the place of
# one that may be a revision old.
without_plan() {
	printf '<!-- rollcall:%s -->\n### rollcall: no %s (exit code %s)\n\n' "$marker" "$command" "$1"
	literal "$work/errors"
}

validate() {
	local code=0 options=()
	if [[ $forge == github ]]; then options+=(--format github); fi
	rollcall validate "${paths[@]}" "${options[@]}" "${common[@]}" "${chosen[@]}" "${more[@]}" || code=$?
	finish "$code"
}

case $command in
validate) validate ;;
plan | apply | drift)
	# shellcheck source=/dev/null
	source "$scripts/$command.sh"
	"$command"
	;;
*) die 1 "ROLLCALL_COMMAND is validate, plan, apply or drift" ;;
esac
