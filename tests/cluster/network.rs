//! Hosts with network addresses of their own, and what can happen between them: cables pulled, packets dropped in one direction, slow links.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Namespaces on one bridge, gone at the end. This machine itself is on the bridge too, and reaches all of them whatever is cut.
pub struct Network {
    name: String,
    net: String,
    nodes: usize,
}

/// Drops what comes from addresses, and counts it.
const TABLE: &str = "add table inet cut
add chain inet cut input { type filter hook input priority 0; }
";

impl Network {
    /// So many nodes; none where the machine does not allow it.
    #[must_use]
    pub fn new(nodes: usize) -> Option<Self> {
        static NETWORKS: AtomicU32 = AtomicU32::new(0);
        let number = NETWORKS.fetch_add(1, Ordering::Relaxed);
        let id = std::process::id() + 31 * number;
        let network = Self {
            name: format!("cm{}n{number}", std::process::id()),
            net: format!("10.{}.{}", 128 + id / 250 % 100, id % 250),
            nodes,
        };
        let up = ["up", &network.name, &network.net, &nodes.to_string()];
        // Dropped in either case: what was made of it goes away.
        script(&up).then_some(network)
    }

    /// The namespace of a node.
    #[must_use]
    pub fn namespace(&self, node: usize) -> String {
        format!("{}{}", self.name, node + 1)
    }

    /// The namespaces of the first nodes.
    #[must_use]
    pub fn namespaces(&self, hosts: usize) -> Vec<String> {
        (0..hosts).map(|node| self.namespace(node)).collect()
    }

    /// Where kernels on the first nodes listen.
    #[must_use]
    pub fn addresses(&self, hosts: usize) -> Vec<SocketAddr> {
        (1..=hosts)
            .map(|host| format!("{}.{host}:7000", self.net).parse().unwrap())
            .collect()
    }

    /// Pulls a node's cable.
    pub fn pull(&self, node: usize) {
        assert!(script(&["pull", &self.name, &(node + 1).to_string()]));
    }

    /// Puts it back.
    pub fn plug(&self, node: usize) {
        assert!(script(&["plug", &self.name, &(node + 1).to_string()]));
    }

    /// Drops all that goes one way, for each pair of a sender and a receiver.
    pub fn cut(&self, ways: &[(usize, usize)]) {
        for to in 0..self.nodes {
            let mut rules = String::new();
            for (from, _) in ways.iter().filter(|(from, way)| *way == to && *from != to) {
                let address = format!("{}.{}", self.net, from + 1);
                rules += &format!("add rule inet cut input ip saddr {address} counter drop\n");
            }
            if !rules.is_empty() {
                self.nft(to, &format!("{TABLE}{rules}"));
            }
        }
    }

    /// Drops nothing any more; how many packets were dropped.
    pub fn heal(&self) -> u64 {
        (0..self.nodes).map(|node| self.heal_one(node)).sum()
    }

    fn heal_one(&self, node: usize) -> u64 {
        let rules = self.nft(node, &format!("{TABLE}list table inet cut\n"));
        self.nft(node, "delete table inet cut\n");
        let counts = rules.split("counter packets ").skip(1);
        counts
            .map(|count| count.split(' ').next().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    fn nft(&self, node: usize, rules: &str) -> String {
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.namespace(node), "nft", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(rules.as_bytes()).unwrap();
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "nft refuses {rules}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Lets so many kilobits a second through to a node and from it.
    pub fn slow(&self, node: usize, kilobits: u32) {
        let number = (node + 1).to_string();
        assert!(script(&[
            "slow",
            &self.name,
            &number,
            &kilobits.to_string()
        ]));
    }

    /// Lets everything through again; how many packets had to wait or were dropped.
    pub fn quicken(&self, node: usize) -> u64 {
        let number = (node + 1).to_string();
        let said = output(&["quicken", &self.name, &number]);
        let counts = said.split("overlimits ").skip(1);
        counts
            .map(|count| count.split(' ').next().unwrap().parse::<u64>().unwrap())
            .sum()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        script(&["down", &self.name, &self.nodes.to_string()]);
    }
}

fn script(words: &[&str]) -> bool {
    let output = command(words).output().unwrap();
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}

fn output(words: &[&str]) -> String {
    let output = command(words).output().unwrap();
    assert!(output.status.success(), "{words:?} failed");
    String::from_utf8(output.stdout).unwrap()
}

fn command(words: &[&str]) -> Command {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cluster/network.sh");
    let mut command = Command::new(script);
    command.args(words);
    command
}
