//! `BIN inspect`: what the issued state of each replica of a server says, computed here.
//!
//! It reads the state through the kernels and runs a method on a copy in this process: the server
//! itself is not asked, and cannot gloss over what it lost.

use super::Program;
use super::run::addresses;
use crate::client::Client;
use crate::identity::ServerId;
use crate::kernel::status::{ClusterStatus, hex, quoted};
use crate::object;
use std::collections::BTreeMap;

const USAGE: &str = "usage: inspect --cluster ADDRESS[,ADDRESS…] --server NAME --method METHOD";

/// Prints one line for each reachable replica.
pub(super) fn run(program: &Program, arguments: &[String]) -> Result<(), String> {
    let mut values: BTreeMap<&str, &str> = BTreeMap::new();
    let mut rest = arguments.iter();
    while let Some(flag) = rest.next() {
        if !["--cluster", "--server", "--method"].contains(&flag.as_str()) {
            return Err(format!("unknown argument {flag}; {USAGE}"));
        }
        let value = rest
            .next()
            .ok_or_else(|| format!("{flag} needs a value; {USAGE}"))?;
        values.insert(flag, value);
    }
    let needed = |flag: &str| {
        values
            .get(flag)
            .copied()
            .ok_or_else(|| format!("{flag} is missing; {USAGE}"))
    };
    let cluster = addresses(needed("--cluster")?)?;
    let (server, method) = (needed("--server")?, needed("--method")?);
    let mut client = Client::connect(&cluster).map_err(|error| error.to_string())?;
    let status = client.status().map_err(|error| error.to_string())?;
    let (id, leader_changes) =
        find(&status, server).ok_or_else(|| format!("no server {server} runs"))?;
    for state in client
        .replica_states(id)
        .map_err(|error| error.to_string())?
    {
        let class = program
            .class(&state.class)
            .ok_or_else(|| format!("this program has no server class {}", state.class))?;
        let result = object::inspect(class, &state.snapshot, method)?;
        println!(
            "{{\"host\":{},\"issued\":{},\"state_hash\":\"{}\",\"leader_changes\":{leader_changes},\"result\":{}}}",
            quoted(&state.host.name),
            state.issued,
            hex(&state.state_hash),
            quoted(&result),
        );
    }
    Ok(())
}

/// The server of that name, else the first of that class, and how often its leader changed.
fn find(status: &ClusterStatus, name: &str) -> Option<(ServerId, u64)> {
    let servers = || status.servers.iter();
    let named = servers().find(|server| server.about.name.as_deref() == Some(name));
    named
        .or_else(|| {
            servers().find(|server| {
                server.about.class == name && server.about.server != ServerId::DIRECTORY
            })
        })
        .map(|server| (server.about.server, server.leader_changes))
}
