//! Free loopback addresses for the hosts, and the same ones again where data of theirs is.

use crate::cache;
use crate::failure::Failure;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

/// An address for each host: those noted in `file` by an earlier run, otherwise free ones, which are
/// noted there.
pub fn choose(file: &Path, hosts: &[String]) -> Result<Vec<SocketAddr>, Failure> {
    if let Some(noted) = noted(file, hosts)? {
        return in_use_again(noted, file);
    }
    let addresses = free(hosts.len())?;
    let mut text = String::new();
    for (host, address) in hosts.iter().zip(&addresses) {
        let _ = writeln!(text, "{host} {address}");
    }
    cache::write(file, &text)?;
    Ok(addresses)
}

/// Fails if the addresses of other hosts are noted in `file`.
pub fn check(file: &Path, hosts: &[String]) -> Result<(), Failure> {
    noted(file, hosts).map(drop)
}

/// The hosts that an earlier run noted, which must be these.
fn noted(file: &Path, hosts: &[String]) -> Result<Option<Vec<(String, SocketAddr)>>, Failure> {
    let Ok(noted) = fs::read_to_string(file) else {
        return Ok(None);
    };
    let parse = |line: &str| -> Option<(String, SocketAddr)> {
        let (name, address) = line.split_once(' ')?;
        Some((name.to_owned(), address.parse().ok()?))
    };
    let noted: Option<Vec<(String, SocketAddr)>> = noted.lines().map(parse).collect();
    let noted = noted.filter(|noted| !noted.is_empty()).ok_or_else(|| {
        Failure::world_with_help(
            format!("{} is damaged", file.display()),
            "remove that file: the hosts then get new addresses",
        )
    })?;
    if !noted.iter().map(|(name, _)| name).eq(hosts) {
        return Err(Failure::Usage(format!(
            "the data folder holds a cluster of {} hosts, not {}; say `--hosts {}` or name another \
             folder",
            noted.len(),
            hosts.len(),
            noted.len()
        )));
    }
    Ok(Some(noted))
}

fn in_use_again(noted: Vec<(String, SocketAddr)>, file: &Path) -> Result<Vec<SocketAddr>, Failure> {
    for (name, address) in &noted {
        TcpListener::bind(address).map_err(|why| {
            Failure::world_with_help(
                format!("the address {address} of {name} cannot be used again: {why}"),
                format!("end what uses the port, or remove {}", file.display()),
            )
        })?;
    }
    Ok(noted.into_iter().map(|(_, address)| address).collect())
}

/// Loopback addresses with ports that nobody uses at the moment.
fn free(count: usize) -> Result<Vec<SocketAddr>, Failure> {
    let cannot = |why| Failure::world(format!("no free port on the loopback interface: {why}"));
    // All are held until the last is known, so that no two are the same.
    let listeners = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(cannot)?;
    listeners
        .iter()
        .map(TcpListener::local_addr)
        .collect::<Result<Vec<_>, _>>()
        .map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(count: usize) -> Vec<String> {
        (1..=count).map(|number| format!("host{number}")).collect()
    }

    #[test]
    fn hosts_keep_their_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("addresses");
        let first = choose(&file, &hosts(3)).unwrap();
        assert_eq!(choose(&file, &hosts(3)).unwrap(), first);
    }

    #[test]
    fn another_number_of_hosts_than_before_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("addresses");
        choose(&file, &hosts(3)).unwrap();
        let message = choose(&file, &hosts(4)).unwrap_err().to_string();
        assert!(
            message.contains("a cluster of 3 hosts, not 4; say `--hosts 3`"),
            "{message}"
        );
    }

    #[test]
    fn a_port_that_is_taken_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("addresses");
        let taken = choose(&file, &hosts(1)).unwrap()[0];
        let _listener = TcpListener::bind(taken).unwrap();
        let message = choose(&file, &hosts(1)).unwrap_err().to_string();
        assert!(
            message.contains(&format!("{taken} of host1 cannot be used")),
            "{message}"
        );
    }

    #[test]
    fn a_damaged_note_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("addresses");
        fs::write(&file, "host1 nowhere\n").unwrap();
        let message = choose(&file, &hosts(1)).unwrap_err().to_string();
        assert!(message.contains("is damaged"), "{message}");
    }
}
