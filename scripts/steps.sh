# shellcheck shell=bash disable=SC2154
# Sourced by ./setup, ./quickstart and ./test: visible progress, the whole output in .run/log, the reason on failure.
# The sourcing script has set `root`.

say() { printf '%s\n' "$*"; }
fail() { printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

step_pid=
# Stops the step that is running, if one is (for traps).
stop_step() { if [ -n "$step_pid" ]; then kill -- "-$step_pid" 2>/dev/null || true; fi; }

# step TEXT COMMAND...   runs the command with its output in a log; on a terminal the last line of it is shown while it
# runs, elsewhere a line every 15 s; its end gives the seconds, its failure the end of the log and the exit of the script.
step() {
  local text=$1 log began pid rc last next=15 width
  shift
  log="$root/.run/log/$(printf '%s' "$text" | tr -cs 'A-Za-z0-9' '-' | cut -c1-40).log"
  mkdir -p "$root/.run/log"
  began=$SECONDS
  if [ -t 1 ]; then printf '%s ' "$text"; else printf '%s\n' "$text"; fi
  set -m       # a process group of its own, so that it can be stopped with all its children
  ( trap - EXIT INT TERM; "$@" ) >"$log" 2>&1 </dev/null 9>&- &
  set +m
  pid=$!
  step_pid=$pid
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if [ -t 1 ]; then
      width=$(( $(tput cols 2>/dev/null || echo 80) - ${#text} - 10 ))
      last=$(tail -n 1 "$log" 2>/dev/null | tr -d '\r' | tr -c '[:print:]\n' ' ')
      printf '\r\033[K%s %3d s  %s' "$text" $((SECONDS - began)) "$(printf '%s' "$last" | cut -c1-$((width > 0 ? width : 1)))"
    elif [ $((SECONDS - began)) -ge "$next" ]; then
      next=$((next + 15))
      printf '  ... %d s: %s\n' $((SECONDS - began)) "$(tail -n 1 "$log" 2>/dev/null | cut -c1-100)"
    fi
  done
  rc=0
  wait "$pid" || rc=$?
  step_pid=
  if [ "$rc" != 0 ]; then
    if [ -t 1 ]; then printf '\r\033[K%s: failed\n' "$text"; fi
    tail -n 30 "$log" >&2
    fail "'$text' failed; all of its output: ${log#"$root"/}"
  fi
  if [ -t 1 ]; then printf '\r\033[K%s: done, %d s\n' "$text" $((SECONDS - began)); else printf '  done, %d s\n' $((SECONDS - began)); fi
}
