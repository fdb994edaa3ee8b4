work=$(mktemp -d)
rooms=()
sockets=()

# shown FILE: the beginning of a text, without tokens, and without characters that control a terminal.
shown() {
  head -c 4000 "$1" | LC_ALL=C tr -d '\000-\010\013-\037\177' |
    sed -E 's/"(access|refresh)": *"[^"]{20,}"/"\1": "(token)"/g'
}

# value FILTER: a member of the last body that was kept.
value() {
  jq -er "$1" "$work/body" 2>/dev/null || { echo "there is no $1" >&2 && false; }
}

# repeat COUNT LETTER
repeat() {
  head -c "$1" /dev/zero | tr '\0' "$2"
}

# json TEXT: the text as it is written in a JSON string.
json() {
  jq -nr --arg text "$1" '$text | tojson | .[1:-1]'
}

# request TOKEN METHOD PATH [OPTION]...: sends a request, shows the response and keeps its body.
request() {
  local token=$1 method=$2 url=$3 identity=("${without_token[@]}") answer
  shift 3
  case $url in http://* | https://*) ;; *) url=$api$url ;; esac
  # The token is for the target only.
  if [ -n "$token" ] && [ "${url#"$origin"/}" != "$url" ]; then
    identity=(--header "Authorization: Bearer $token")
  fi
  : >"$work/body"
  answer=$(curl --silent --show-error --globoff --path-as-is --max-time 30 --request "$method" \
    "${options[@]}" "${identity[@]}" --dump-header "$work/head" --output "$work/body" \
    --write-out '%{http_code} %{content_type}' "$@" "$url" 2>&1)
  printf '> %s %s\n< %s\n' "$method" "$url" "$answer"
  shown "$work/head" | grep -iE '^(allow|cache-control|content-disposition|x-content-type-options):' | sed 's/^/  /'
  printf '  %s\n\n' "$(shown "$work/body")"
}

# login USERNAME PASSWORD: logs in and keeps the response.
login() {
  printf '{"username":"%s","password":"%s"}' "$(json "$1")" "$(json "$2")" |
    request '' POST "$login_path" --header 'Content-Type: application/json' --data-binary @-
}

# refresh TOKEN: sends a refresh token and keeps the response.
refresh() {
  printf '{"refresh":"%s"}' "$(json "$1")" |
    request '' POST "$refresh_path" --header 'Content-Type: application/json' --data-binary @-
}

# connect NUMBER ACTOR ORIGIN URL: opens a socket, from which a file descriptor of this number is read.
connect() {
  local options=("${socket_options[@]}") to=("$4")
  [ -z "$3" ] || options+=(--origin "$3")
  [ ${#route[@]} -eq 0 ] || to=("--ws-c-uri=$4" - "${route[@]}")
  mkfifo "$work/input$1"
  websocat --text --linemode-strip-newlines "${options[@]}" "${to[@]}" \
    <"$work/input$1" >"$work/frames$1" 2>"$work/errors$1" &
  sockets[$1]=$!
  eval "exec $1>\"$work/input$1\""
  printf '%s opens a socket\n\n' "$2"
}

# send NUMBER ACTOR FRAME
send() {
  printf '%s sends %s\n\n' "$2" "$3"
  # The target may have ended the socket.
  (trap '' PIPE && printf '%s\n' "$3" >&"$1") 2>/dev/null || printf 'the socket of %s has ended\n\n' "$2"
}

# The longest time in which an event is expected, in seconds.
patience=6

# receive NUMBER ACTOR TYPE COUNT: waits for the given one of the events of a type, shows it and keeps it.
receive() {
  local end=$((SECONDS + patience))
  until jq -Rc --arg type "$3" 'fromjson? | select(.type? == $type)' "$work/frames$1" | sed -n "$4p" >"$work/body" &&
    [ -s "$work/body" ]; do
    if ((SECONDS >= end)); then
      printf '%s receives no %s\n\n' "$2" "$3"
      # Others will not come either.
      patience=1
      return
    fi
    sleep 0.1
  done
  printf '%s receives %s\n\n' "$2" "$(shown "$work/body")"
}

# close NUMBER ACTOR
close() {
  eval "exec $1>&-"
  sleep 0.5
  kill "${sockets[$1]}" 2>/dev/null
  printf '%s closes the socket\n\n' "$2"
}

# received NUMBER ACTOR: everything that a socket received, and whether it is still open.
received() {
  printf '%s has received:\n%s\n' "$2" "$(shown "$work/frames$1" | sed 's/^/  /')"
  shown "$work/errors$1" | sed -n 's/^websocat: /  /p'
  kill -0 "${sockets[$1]}" 2>/dev/null || echo '  the socket has ended'
  echo
}

# Closes the sockets, and archives the rooms.
finish() {
  local room process
  for process in "${sockets[@]}"; do kill "$process" 2>/dev/null; done
  for room in "${rooms[@]}"; do
    request "${room%% *}" POST "${room#* }" >/dev/null
  done
  rm -rf "$work"
}
trap finish EXIT
