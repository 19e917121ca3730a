#!/bin/sh
# Hosts with network addresses of their own on one machine, and cables that can be pulled.
#
#   network.sh up NAME NET HOSTS    makes namespaces NAME1 NAME2 … with addresses NET.1 NET.2 …,
#                                   and this machine itself is NET.254
#   network.sh pull NAME N          pulls the cable of host N
#   network.sh plug NAME N          puts it back
#   network.sh slow NAME N KBIT     lets so many kilobits a second through to host N and from it
#   network.sh quicken NAME N       lets everything through again, and prints what had to wait
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
        # Where a link without latency was slow, BBR takes long to find out that it is not any more.
        ip netns exec "$name$host" sysctl -qw net.ipv4.tcp_congestion_control=reno
        ip -n "$name$host" link set lo up
        ip -n "$name$host" link set eth0 up
    done
    trap - EXIT
    ;;
pull) ip link set "${name}c$3" down ;;
plug) ip link set "${name}c$3" up ;;
slow)
    limit="tbf rate ${4}kbit burst 3000 latency 200ms"
    tc qdisc add dev "${name}c$3" root $limit
    tc -n "$name$3" qdisc add dev eth0 root $limit
    ;;
quicken)
    tc -s qdisc show dev "${name}c$3"
    tc -s -n "$name$3" qdisc show dev eth0
    tc qdisc del dev "${name}c$3" root
    tc -n "$name$3" qdisc del dev eth0 root
    ;;
down) down "$3" ;;
*)
    echo "network.sh up|pull|plug|slow|quicken|down" >&2
    exit 2
    ;;
esac
