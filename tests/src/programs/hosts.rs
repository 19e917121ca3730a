//! Four hosts on this machine, for programs that run one beside the other.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// The kernels of a cluster; they end when this is dropped, because the pipes to them close.
pub struct Hosts {
    kernels: Vec<Child>,
    addresses: String,
    _data: TempDir,
}

impl Hosts {
    /// Starts the kernels and waits until each listens.
    pub fn start(executable: &Path) -> Hosts {
        // All are held until the last is known, so that no two are the same.
        let listeners: Vec<TcpListener> = (0..4)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let addresses: Vec<String> = listeners
            .iter()
            .map(|listener| listener.local_addr().unwrap().to_string())
            .collect();
        drop(listeners);
        let peers: Vec<String> = (1..)
            .zip(&addresses)
            .map(|(number, address)| format!("host{number}={address}"))
            .collect();
        let peers = peers.join(",");
        let data = TempDir::new().unwrap();
        let kernels = (1..)
            .zip(&addresses)
            .map(|(number, address)| {
                Command::new(executable)
                    .args(["kernel", "--with-parent", "--peers", &peers])
                    .args(["--name", &format!("host{number}"), "--listen", address])
                    .arg("--data")
                    .arg(data.path().join(format!("host{number}")))
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let mut hosts = Hosts {
            kernels,
            addresses: addresses.join(","),
            _data: data,
        };
        for kernel in &mut hosts.kernels {
            let mut line = String::new();
            // What servers print is nobody's: it must not fill a pipe.
            let output = kernel.stdout.take().unwrap();
            BufReader::new(output).read_line(&mut line).unwrap();
            assert!(line.starts_with("listening "), "a kernel said {line:?}");
        }
        hosts
    }

    /// Where the kernels listen, as programs take it.
    pub fn addresses(&self) -> &str {
        &self.addresses
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for kernel in &mut self.kernels {
            drop(kernel.stdin.take());
        }
        for kernel in &mut self.kernels {
            let _ = kernel.wait();
        }
    }
}
