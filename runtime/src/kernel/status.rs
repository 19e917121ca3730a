//! What a kernel says about itself: for `cmsl status`, displays and tests.
//!
//! Each host reports its own view; [`ClusterStatus`] puts the views of all reachable hosts together
//! and renders them as JSON with a fixed order of keys.

use crate::identity::{HostId, HostInfo, ServerId};
use crate::wire::{Reader, Wire, WireError, Writer};
use std::fmt::Write as _;

/// One replica as its own host sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// The server it belongs to.
    pub server: ServerId,
    /// Whether this replica leads.
    pub leads: bool,
    /// The round of the highest ballot that it promised.
    pub ballot: u64,
    /// The number of its last issued command.
    pub issued: u64,
    /// How often the leader changed since this replica started, the first election left out.
    pub leader_changes: u64,
    /// How often its log was made durable since this replica started: one sync can cover many commands.
    pub syncs: u64,
    /// The canonical hash of its issued state; none while a method runs there.
    pub state_hash: Option<[u8; 32]>,
}

/// A server as the directory knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerStatus {
    /// Its identity.
    pub server: ServerId,
    /// Its class.
    pub class: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The declared tolerance.
    pub tolerance: u32,
    /// Whether its state survives restarts.
    pub durable: bool,
    /// Where its replicas are.
    pub hosts: Vec<HostId>,
}

/// What one host says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostStatus {
    /// Who says it.
    pub me: HostId,
    /// The hosts of the cluster and whether `me` hears them.
    pub hosts: Vec<HostInfo>,
    /// The servers that `me` knows to be running, in order.
    pub servers: Vec<ServerStatus>,
    /// The replicas on `me`, the directory's included, in order of servers.
    pub replicas: Vec<ReplicaStatus>,
}

/// The views of all reachable hosts, put together.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ClusterStatus {
    /// All hosts; `alive` means that it answered.
    pub hosts: Vec<HostInfo>,
    /// All servers, the directory first.
    pub servers: Vec<ServerView>,
}

/// A server with what its reachable replicas say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// What the directory says.
    pub about: ServerStatus,
    /// The replica that leads, if any is known to.
    pub leader: Option<HostId>,
    /// The highest issued number among the reachable replicas.
    pub issued: u64,
    /// How many more of its hosts may fail without interrupting it.
    pub effective_tolerance: u32,
    /// Leader changes after the first election, as the reachable replica that saw most counts them.
    pub leader_changes: u64,
    /// The reachable replicas with their hosts.
    pub replicas: Vec<(HostId, ReplicaStatus)>,
}

impl ClusterStatus {
    /// Puts the hosts' own reports together.
    #[must_use]
    pub fn merge(reports: &[HostStatus]) -> Self {
        let answered: Vec<HostId> = reports.iter().map(|report| report.me).collect();
        let Some(newest) = reports.iter().max_by_key(|report| directory_issued(report)) else {
            return Self::default();
        };
        let hosts: Vec<HostInfo> = newest
            .hosts
            .iter()
            .map(|host| HostInfo {
                alive: answered.contains(&host.id),
                ..host.clone()
            })
            .collect();
        let servers = newest
            .servers
            .iter()
            .map(|about| view(about, reports))
            .collect();
        Self { hosts, servers }
    }

    /// The name of a host.
    #[must_use]
    pub fn host_name(&self, id: HostId) -> &str {
        self.hosts
            .iter()
            .find(|host| host.id == id)
            .map_or("?", |host| &host.name)
    }

    /// The whole as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::from("{\"hosts\":[");
        for (index, host) in self.hosts.iter().enumerate() {
            separate(&mut json, index);
            let _ = write!(
                json,
                "{{\"name\":{},\"address\":\"{}\",\"alive\":{}}}",
                quoted(&host.name),
                host.address,
                host.alive
            );
        }
        json.push_str("],\"servers\":[");
        for (index, server) in self.servers.iter().enumerate() {
            separate(&mut json, index);
            self.server_json(server, &mut json);
        }
        json.push_str("]}");
        json
    }

    fn server_json(&self, server: &ServerView, json: &mut String) {
        let about = &server.about;
        let name = about.name.as_deref().map_or("null".to_owned(), quoted);
        let leader = server
            .leader
            .map_or("null".to_owned(), |id| quoted(self.host_name(id)));
        let _ = write!(
            json,
            "{{\"id\":{},\"class\":{},\"name\":{name},\"tolerance\":{},\"effective_tolerance\":{},\
             \"durable\":{},\"leader\":{leader},\"issued\":{},\"leader_changes\":{},\"hosts\":[",
            about.server.0,
            quoted(&about.class),
            about.tolerance,
            server.effective_tolerance,
            about.durable,
            server.issued,
            server.leader_changes,
        );
        for (index, id) in about.hosts.iter().enumerate() {
            separate(json, index);
            json.push_str(&quoted(self.host_name(*id)));
        }
        json.push_str("],\"replicas\":[");
        for (index, (host, replica)) in server.replicas.iter().enumerate() {
            separate(json, index);
            let hash = replica
                .state_hash
                .map_or("null".to_owned(), |hash| quoted(&hex(&hash)));
            let _ = write!(
                json,
                "{{\"host\":{},\"leads\":{},\"ballot\":{},\"issued\":{},\
                 \"leader_changes\":{},\"state_hash\":{hash}}}",
                quoted(self.host_name(*host)),
                replica.leads,
                replica.ballot,
                replica.issued,
                replica.leader_changes,
            );
        }
        json.push_str("]}");
    }
}

fn directory_issued(report: &HostStatus) -> u64 {
    report
        .replicas
        .iter()
        .find(|r| r.server == ServerId::DIRECTORY)
        .map_or(0, |r| r.issued)
}

fn view(about: &ServerStatus, reports: &[HostStatus]) -> ServerView {
    let replicas: Vec<(HostId, ReplicaStatus)> = reports
        .iter()
        .flat_map(|report| {
            report
                .replicas
                .iter()
                .map(move |replica| (report.me, replica))
        })
        .filter(|(_, replica)| replica.server == about.server)
        .map(|(host, replica)| (host, replica.clone()))
        .collect();
    let leader = replicas
        .iter()
        .filter(|(_, replica)| replica.leads)
        .max_by_key(|(_, replica)| replica.ballot)
        .map(|(host, _)| *host);
    let quorum = about.hosts.len() / 2 + 1;
    let spare = replicas.len().saturating_sub(quorum);
    ServerView {
        about: about.clone(),
        leader,
        issued: replicas
            .iter()
            .map(|(_, replica)| replica.issued)
            .max()
            .unwrap_or(0),
        effective_tolerance: u32::try_from(spare).unwrap_or(u32::MAX),
        leader_changes: replicas
            .iter()
            .map(|(_, r)| r.leader_changes)
            .max()
            .unwrap_or(0),
        replicas,
    }
}

fn separate(json: &mut String, index: usize) {
    if index > 0 {
        json.push(',');
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The text as a JSON string.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

impl Wire for ReplicaStatus {
    const BYTES_MIN: usize = 42;
    fn write(&self, to: &mut Writer) {
        self.server.write(to);
        to.bool(self.leads);
        to.u64(self.ballot);
        to.u64(self.issued);
        to.u64(self.leader_changes);
        to.u64(self.syncs);
        to.option(self.state_hash.as_ref(), |to, hash| to.raw(hash));
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            server: from.value()?,
            leads: from.bool()?,
            ballot: from.u64()?,
            issued: from.u64()?,
            leader_changes: from.u64()?,
            syncs: from.u64()?,
            state_hash: from.option(Reader::array)?,
        })
    }
}

impl Wire for ServerStatus {
    const BYTES_MIN: usize = 16;
    fn write(&self, to: &mut Writer) {
        self.server.write(to);
        to.str(&self.class);
        self.name.write(to);
        to.u32(self.tolerance);
        to.bool(self.durable);
        self.hosts.write(to);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            server: from.value()?,
            class: from.value()?,
            name: from.value()?,
            tolerance: from.u32()?,
            durable: from.bool()?,
            hosts: from.value()?,
        })
    }
}

impl Wire for HostStatus {
    const BYTES_MIN: usize = 5;
    fn write(&self, to: &mut Writer) {
        self.me.write(to);
        self.hosts.write(to);
        self.servers.write(to);
        self.replicas.write(to);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            me: from.value()?,
            hosts: from.value()?,
            servers: from.value()?,
            replicas: from.value()?,
        })
    }
}
