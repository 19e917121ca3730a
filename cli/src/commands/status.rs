//! `cmsl status`: what a running cluster says about itself.

use super::print;
use crate::args::Status;
use crate::failure::Failure;
use crate::status::render;
use cmsl_runtime::client;
use std::net::{SocketAddr, ToSocketAddrs as _};

/// Shows hosts, servers and replicas.
pub fn status(arguments: &Status) -> Result<(), Failure> {
    let addresses = resolve(&arguments.cluster)?;
    let status = client::status(&addresses).map_err(|why| {
        Failure::world_with_help(
            format!(
                "no host of the cluster {} answers: {why}",
                arguments.cluster.join(",")
            ),
            "`cmsl run` prints the address of its cluster on stderr when it starts",
        )
    })?;
    if arguments.json {
        print(&format!("{}\n", status.to_json()))
    } else {
        print(&render(&status))
    }
}

fn resolve(cluster: &[String]) -> Result<Vec<SocketAddr>, Failure> {
    let mut addresses = Vec::new();
    for address in cluster {
        let resolved = address.to_socket_addrs().map_err(|why| {
            Failure::Usage(format!(
                "`{address}` is no address such as 127.0.0.1:40001: {why}"
            ))
        })?;
        addresses.extend(resolved);
    }
    Ok(addresses)
}
