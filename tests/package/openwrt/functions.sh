# A stand-in for OpenWrt's /lib/functions.sh: what packages and init scripts call, by its documented behaviour.
# shellcheck shell=sh disable=SC2086,SC2154

# config_load NAME: reads /etc/config/NAME into CONFIG_<section>_<option>; lists have a line an entry.
config_load() {
  CONFIG_SECTIONS=
  section=
  count=0
  while IFS= read -r line; do
    eval "set -- $(printf '%s' "$line" | sed 's/^[ 	]*#.*//; s/[ 	]#.*$//')"
    case ${1:-} in
      config)
        section=${3:-cfg$count}
        count=$((count + 1))
        CONFIG_SECTIONS="$CONFIG_SECTIONS $section"
        eval "CONFIG_${section}_TYPE=\$2"
        ;;
      option) eval "CONFIG_${section}_$2=\$3" ;;
      list)
        eval "old=\${CONFIG_${section}_$2:-}"
        value="${old:+$old
}$3"
        eval "CONFIG_${section}_$2=\$value"
        ;;
    esac
  done <"/etc/config/$1"
}

# config_get VARIABLE SECTION OPTION [DEFAULT]
config_get() { eval "$1=\${CONFIG_$2_$3:-\${4:-}}"; }

config_get_bool() {
  config_get "$1" "$2" "$3" "${4:-}"
  eval "case \$$1 in 1 | on | true | yes | enabled) $1=1 ;; *) $1=0 ;; esac"
}

# config_foreach FUNCTION [TYPE]
config_foreach() {
  for each in $CONFIG_SECTIONS; do
    config_get kind "$each" TYPE
    [ -n "${2:-}" ] && [ "$kind" != "$2" ] || "$1" "$each"
  done
}

# config_list_foreach SECTION OPTION FUNCTION
config_list_foreach() {
  config_get entries "$1" "$2"
  [ -n "$entries" ] || return 0
  printf '%s\n' "$entries" | while IFS= read -r entry; do "$3" "$entry"; done
}

uci() {
  [ "$1" = -q ] && shift
  case $1 in
    set) # picket.agent.id=VALUE: behind its section's line
      key=${2%%=*} value=${2#*=}
      place=${key#picket.} option=${place#*.}
      sed -i "/^config .*'${place%%.*}'/a\\	option $option '$value'" /etc/config/picket
      ;;
    commit) ;;
  esac
}

logger() {
  while [ $# -gt 0 ]; do case $1 in -t | -p) shift 2 ;; *) break ;; esac; done
  if [ $# -gt 0 ]; then echo "$*" >>/tmp/syslog; else cat >>/tmp/syslog; fi
}

# Makes the users of the package's Require-User field and starts its services.
default_postinst() {
  for pair in $(sed -n 's/^Require-User: //p' "/usr/lib/opkg/info/picket.control"); do
    user=${pair%%=*} group=${pair#*=}
    grep -q "^$group:" /etc/group || echo "$group:x:65533:" >>/etc/group
    grep -q "^$user:" /etc/passwd || echo "$user:x:65533:65533:$user:/var/run/$user:/bin/false" >>/etc/passwd
  done
}

default_prerm() { /etc/init.d/picket stop; }

procd_open_instance() { : >/tmp/procd; }
procd_set_param() { printf '%s\n' "$*" >>/tmp/procd; }
procd_close_instance() { :; }
procd_add_reload_trigger() { printf 'reload %s\n' "$1" >>/tmp/procd.triggers; }
