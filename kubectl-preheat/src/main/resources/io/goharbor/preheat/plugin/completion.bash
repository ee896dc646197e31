# bash completion of kubectl-preheat
__kubectl_preheat_complete() {
  local word=${COMP_WORDS[COMP_CWORD]} answer line
  local -a words=()
  # Readline splits at '=' and ':'; the program wants what was typed.
  IFS=' ' read -r -a words <<<"${COMP_LINE:0:COMP_POINT}"
  [[ ${COMP_LINE:0:COMP_POINT} == *' ' ]] && words+=('')
  answer=$(kubectl-preheat __complete "${words[@]:1}" 2>/dev/null) || return
  COMPREPLY=()
  local prefix=${words[${#words[@]}-1]%"$word"}
  while IFS= read -r line; do
    case $line in
      :0) compopt -o default ;;
      :*) ;;
      *) line=${line%%$'\t'*} && COMPREPLY+=("${line#"$prefix"}") ;;
    esac
  done <<<"$answer"
}
complete -F __kubectl_preheat_complete kubectl-preheat
