//! What main holds on to: a connection that closes when `cmsl run` is no more, however it ended.
//!
//! Main's stdin belongs to the user, so that the pipe that kernels watch is not to be had here.

use crate::failure::Failure;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// The environment variable that tells main where its lifeline is.
pub const VARIABLE: &str = "CMSL_LIFELINE";

/// The end that this process holds. Connections stay in the backlog of the listener and are never
/// taken: the operating system closes them with it.
#[derive(Debug)]
pub struct Lifeline {
    _listener: TcpListener,
    address: SocketAddr,
}

impl Lifeline {
    /// Opens a lifeline.
    pub fn open() -> Result<Self, Failure> {
        let cannot =
            |why| Failure::world(format!("cannot listen on the loopback interface: {why}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self {
            _listener: listener,
            address,
        })
    }

    /// Where main connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
