#compdef kubectl-preheat
# zsh completion of kubectl-preheat
_kubectl_preheat() {
  local line word text files=0
  local -a found
  for line in "${(@f)$(kubectl-preheat __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :0) files=1 ;;
      :*|'') ;;
      *)
        word=${line%%$'\t'*}
        text=${line#*$'\t'}
        [[ $text == "$line" ]] && text=
        # A colon divides a word from its description.
        found+=("${word//:/\\:}${text:+:$text}")
        ;;
    esac
  done
  (( ${#found} )) && _describe -t words 'kubectl preheat' found
  (( files )) && _files
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _kubectl_preheat "$@"
else
  compdef _kubectl_preheat kubectl-preheat
fi
