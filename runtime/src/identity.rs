//! Identities that cross every boundary of the runtime: servers and hosts.
//!
//! Both are plain numbers that mean the same on every host of one cluster. They are passed by value
//! inside arguments, replies and replicated state, so their width never changes.

use std::fmt;

/// A running server: one replication group. Numbers are handed out by the directory, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u64);

impl ServerId {
    /// The directory itself, which is replicated over all hosts of the cluster.
    pub const DIRECTORY: Self = Self(0);
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "server {}", self.0)
    }
}

/// A host of the cluster: its position in the list of peers, ordered by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u16);

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host {}", self.0)
    }
}

/// What a program knows of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostInfo {
    /// Its identity, by which hosts are compared.
    pub id: HostId,
    /// Its name in the list of peers.
    pub name: String,
    /// Where its kernel listens.
    pub address: std::net::SocketAddr,
    /// Whether the kernel that answered hears it.
    pub alive: bool,
}
