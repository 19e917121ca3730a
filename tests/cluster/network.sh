#!/bin/sh
# Hosts with network addresses of their own on one machine, and cables that can be pulled.
#
#   network.sh up NAME NET HOSTS    makes namespaces NAME1 NAME2 … with addresses NET.1 NET.2 …,
#                                   and this machine itself is NET.254
#   network.sh pull NAME N          pulls the cable of host N
#   network.sh plug NAME N          puts it back
#   network.sh down NAME HOSTS      takes everything away
#
# Needs root and network namespaces; `up` fails where there are none, and leaves nothing behind.
set -eu

action=$1
name=$2

down() {
    for host in $(seq 1 "$1"); do
        ip netns del "$name$host" 2>/dev/null || true
        # A cable goes with its namespace, but not always at once.
        ip link del "${name}c$host" 2>/dev/null || true
    done
    ip link del "${name}b" 2>/dev/null || true
}

case $action in
up)
    net=$3
    hosts=$4
    trap 'down "$hosts"' EXIT
    ip link add "${name}b" type bridge
    ip addr add "$net.254/24" dev "${name}b"
    ip link set "${name}b" up
    for host in $(seq 1 "$hosts"); do
        ip netns add "$name$host"
        ip link add "${name}c$host" type veth peer name eth0 netns "$name$host"
        ip link set "${name}c$host" master "${name}b" up
        ip -n "$name$host" addr add "$net.$host/24" dev eth0
        ip -n "$name$host" link set lo up
        ip -n "$name$host" link set eth0 up
    done
    trap - EXIT
    ;;
pull) ip link set "${name}c$3" down ;;
plug) ip link set "${name}c$3" up ;;
down) down "$3" ;;
*)
    echo "network.sh up|pull|plug|down" >&2
    exit 2
    ;;
esac
