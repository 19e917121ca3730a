//! Asking the kernels of a cluster about themselves, and showing what they say.

use cmsl_runtime::client;
use cmsl_runtime::identity::ServerId;
use cmsl_runtime::kernel::status::{ClusterStatus, ServerView, hex};
use std::fmt::Write as _;
use std::net::SocketAddr;

/// How much of a state hash is enough to tell two apart by eye.
const HASH_SHOWN: usize = 12;

/// Who leads the first replicated server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// The name of its host.
    pub host: String,
    /// The server, as the user knows it.
    pub server: String,
}

/// Whether every host answers and the directory has a leader, so that servers can be made.
pub fn is_ready(addresses: &[SocketAddr]) -> bool {
    client::status(addresses).is_ok_and(|status| {
        let directory = status.servers.iter().find(|view| is_directory(view));
        status.hosts.len() == addresses.len()
            && status.hosts.iter().all(|host| host.alive)
            && directory.is_some_and(|view| view.leader.is_some())
    })
}

/// The leader of the first replicated server, if there is one.
pub fn leader(addresses: &[SocketAddr]) -> Option<Leader> {
    first_leader(&client::status(addresses).ok()?)
}

fn first_leader(status: &ClusterStatus) -> Option<Leader> {
    let is_replicated = |view: &&ServerView| !is_directory(view) && view.about.hosts.len() > 1;
    let first = status
        .servers
        .iter()
        .filter(is_replicated)
        .min_by_key(|view| view.about.server)?;
    Some(Leader {
        host: status.host_name(first.leader?).to_owned(),
        server: title(first),
    })
}

fn is_directory(view: &ServerView) -> bool {
    view.about.server == ServerId::DIRECTORY
}

/// The class, and the name if there is one.
fn title(view: &ServerView) -> String {
    match &view.about.name {
        Some(name) => format!("{} \"{name}\"", view.about.class),
        None => view.about.class.clone(),
    }
}

/// The status as a person reads it.
pub fn render(status: &ClusterStatus) -> String {
    let mut text = String::from("hosts\n");
    let width = status
        .hosts
        .iter()
        .map(|host| host.name.len())
        .max()
        .unwrap_or(0);
    for host in &status.hosts {
        let state = if host.alive { "up" } else { "does not answer" };
        let _ = writeln!(text, "  {:width$}  {}  {state}", host.name, host.address);
    }
    text.push_str("servers\n");
    for view in &status.servers {
        render_server(status, view, width, &mut text);
    }
    text
}

fn render_server(status: &ClusterStatus, view: &ServerView, width: usize, text: &mut String) {
    let about = &view.about;
    let durable = if about.durable { ", durable" } else { "" };
    let _ = writeln!(
        text,
        "  {} ({}): issued {}, tolerates {} now of {}{durable}, leader changed {}×",
        title(view),
        about.server,
        view.issued,
        view.effective_tolerance,
        about.tolerance,
        view.leader_changes,
    );
    for id in &about.hosts {
        let name = status.host_name(*id);
        let Some((_, replica)) = view.replicas.iter().find(|(host, _)| host == id) else {
            let _ = writeln!(text, "    {name:width$}  does not answer");
            continue;
        };
        let role = if view.leader == Some(*id) {
            "leads  "
        } else {
            "follows"
        };
        let hash = replica
            .state_hash
            .map_or_else(|| "busy".to_owned(), |hash| hex(&hash));
        let _ = writeln!(
            text,
            "    {name:width$}  {role}  issued {}  ballot {}  state {}",
            replica.issued,
            replica.ballot,
            hash.get(..HASH_SHOWN).unwrap_or(&hash),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cmsl_runtime::identity::{HostId, HostInfo};
    use cmsl_runtime::kernel::status::{HostStatus, ReplicaStatus, ServerStatus};

    const HOSTS: [HostId; 3] = [HostId(0), HostId(1), HostId(2)];

    fn server(id: u64, class: &str, hosts: &[HostId]) -> ServerStatus {
        ServerStatus {
            server: ServerId(id),
            class: class.to_owned(),
            name: None,
            tolerance: 1,
            durable: true,
            hosts: hosts.to_vec(),
        }
    }

    /// Two of three hosts answer; host2 leads server 3.
    fn status() -> ClusterStatus {
        let hosts: Vec<HostInfo> = HOSTS
            .iter()
            .map(|id| HostInfo {
                id: *id,
                name: format!("host{}", id.0 + 1),
                address: SocketAddr::from(([127, 0, 0, 1], 4001 + id.0)),
                alive: true,
            })
            .collect();
        let report = |me: HostId| HostStatus {
            me,
            hosts: hosts.clone(),
            servers: vec![
                server(0, "directory", &HOSTS),
                server(2, "sensor", &HOSTS[..1]),
                server(3, "database", &HOSTS),
            ],
            replicas: vec![ReplicaStatus {
                server: ServerId(3),
                leads: me == HOSTS[1],
                ballot: 7,
                issued: 41,
                leader_changes: 2,
                syncs: 9,
                state_hash: Some([0xab; 32]),
            }],
        };
        ClusterStatus::merge(&[report(HOSTS[0]), report(HOSTS[1])])
    }

    #[test]
    fn the_first_replicated_server_is_neither_the_directory_nor_one_with_one_replica() {
        let leader = first_leader(&status()).unwrap();
        assert_eq!(
            (leader.host.as_str(), leader.server.as_str()),
            ("host2", "database")
        );
    }

    #[test]
    fn a_person_sees_who_leads_and_who_does_not_answer() {
        let text = render(&status());
        for expected in [
            "  host3  127.0.0.1:4003  does not answer\n",
            "  database (server 3): issued 41, tolerates 0 now of 1, durable, leader changed 2×\n",
            "    host1  follows  issued 41  ballot 7  state abababababab\n",
            "    host2  leads    issued 41  ballot 7  state abababababab\n",
            "    host3  does not answer\n",
        ] {
            assert!(text.contains(expected), "{text}");
        }
    }
}
