//! The command line of a kernel, and what is wrong with it in one line.

use crate::identity::HostId;
use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

/// What a kernel is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelOptions {
    /// The host's name.
    pub name: String,
    /// Where it listens; port 0 takes any.
    pub listen: String,
    /// All hosts with their addresses, in order of their names; this one included.
    pub peers: Vec<(String, SocketAddr)>,
    /// Where its state lies; none if nothing is kept, which only a host that is alone may do.
    pub data: Option<PathBuf>,
    /// End when standard input ends.
    pub with_parent: bool,
}

/// How a kernel is started.
pub const USAGE: &str = "usage: kernel --name NAME --listen ADDRESS [--peers NAME=ADDRESS,…] (--data FOLDER | --volatile) [--with-parent]";

impl KernelOptions {
    /// Reads the arguments after `kernel`.
    ///
    /// # Errors
    /// One line that says what is wrong.
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        let (mut volatile, mut with_parent) = (false, false);
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--volatile" => volatile = true,
                "--with-parent" => with_parent = true,
                flag @ ("--name" | "--listen" | "--peers" | "--data") => {
                    let value = rest.next().ok_or_else(|| format!("{flag} needs a value"))?;
                    if values.insert(flag, value).is_some() {
                        return Err(format!("{flag} is given twice"));
                    }
                }
                other => return Err(format!("unknown argument {other}; {USAGE}")),
            }
        }
        let needed = |flag: &str| {
            values
                .get(flag)
                .copied()
                .ok_or_else(|| format!("{flag} is missing; {USAGE}"))
        };
        let name = needed("--name")?.to_owned();
        let listen = needed("--listen")?.to_owned();
        let own = address(&listen).map_err(|why| format!("--listen {listen}: {why}"))?;
        let data = match (values.get("--data"), volatile) {
            (Some(folder), false) => Some(PathBuf::from(folder)),
            (None, true) => None,
            (Some(_), true) => return Err("--data and --volatile exclude each other".to_owned()),
            (None, false) => return Err(format!("--data is missing; {USAGE}")),
        };
        let peers = match values.get("--peers") {
            Some(list) => peers(list, &name)?,
            None => vec![(name.clone(), own)],
        };
        if data.is_none() && peers.len() > 1 {
            return Err(
                "--volatile is for a host that is alone: one that comes back without what it \
                 promised the others could break it; give --data"
                    .to_owned(),
            );
        }
        Ok(Self {
            name,
            listen,
            peers,
            data,
            with_parent,
        })
    }

    /// Which host this is.
    #[must_use]
    pub fn me(&self) -> HostId {
        let position = self.peers.iter().position(|(name, _)| *name == self.name);
        HostId(
            position
                .and_then(|position| u16::try_from(position).ok())
                .unwrap_or(0),
        )
    }
}

fn peers(list: &str, name: &str) -> Result<Vec<(String, SocketAddr)>, String> {
    let mut peers = BTreeMap::new();
    for item in list.split(',') {
        let Some((peer, at)) = item.split_once('=').filter(|(peer, _)| !peer.is_empty()) else {
            return Err(format!("--peers: \"{item}\" is not NAME=ADDRESS"));
        };
        let at = address(at).map_err(|why| format!("--peers {item}: {why}"))?;
        if peers.insert(peer.to_owned(), at).is_some() {
            return Err(format!("--peers: {peer} is named twice"));
        }
    }
    if !peers.contains_key(name) {
        return Err(format!("--peers does not contain {name}, the host itself"));
    }
    if peers.len() > usize::from(u16::MAX) {
        return Err("--peers: too many hosts".to_owned());
    }
    Ok(peers.into_iter().collect())
}

/// An address, by number or by name.
///
/// # Errors
/// One line that says what is wrong.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let mut found = text
        .to_socket_addrs()
        .map_err(|_| "not an address (HOST:PORT)".to_owned())?;
    found.next().ok_or_else(|| "no such host".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<KernelOptions, String> {
        let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
        KernelOptions::parse(&arguments)
    }

    #[test]
    fn hosts_are_numbered_in_order_of_their_names() {
        let options =
            parse("--name b --listen 127.0.0.1:2 --peers c=127.0.0.1:3,b=127.0.0.1:2,a=127.0.0.1:1 --data d")
                .unwrap();
        assert_eq!(options.me(), HostId(1));
        assert_eq!(options.peers[2].0, "c");
    }

    #[test]
    fn what_is_wrong_is_one_line() {
        let wrong = |line: &str| parse(line).unwrap_err();
        assert!(wrong("--name a").starts_with("--listen is missing"));
        assert!(wrong("--name a --listen here --volatile").contains("not an address"));
        let bad = "--name a --listen 127.0.0.1:1 --volatile --peers ";
        assert!(wrong(&format!("{bad}a")).contains("is not NAME=ADDRESS"));
        assert!(wrong(&format!("{bad}b=127.0.0.1:1")).contains("the host itself"));
        assert!(wrong(&format!("{bad}a=127.0.0.1:1,a=127.0.0.1:2")).contains("named twice"));
        assert!(wrong("--name a --listen 127.0.0.1:1").starts_with("--data is missing"));
        let forgetful = format!("{bad}a=127.0.0.1:1,b=127.0.0.1:2");
        assert!(wrong(&forgetful).contains("alone"));
    }
}
