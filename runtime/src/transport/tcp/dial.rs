//! Keeps a connection to one address.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;

use super::link;
use crate::transport::{Closed, Connection, Handler, Identity, Origin};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const PAUSE_MIN: Duration = Duration::from_millis(5);
/// Short, because a host that comes back should take part at once.
const PAUSE_MAX: Duration = Duration::from_millis(200);

/// Where to dial.
pub(super) struct Target {
    pub(super) address: String,
    /// The only host that is accepted there.
    pub(super) host: Option<String>,
}

/// The connection of a dialer, so that the dialer's end can close it.
#[derive(Default)]
pub(super) struct Current(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Idle,
    Connected(Connection),
    Stopped,
}

impl Current {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, connection: &Connection) {
        let mut state = self.state();
        match *state {
            State::Stopped => connection.close(),
            State::Idle | State::Connected(_) => *state = State::Connected(connection.clone()),
        }
    }

    /// Closes the connection that is there or comes.
    pub(super) fn stop(&self) {
        let before = std::mem::replace(&mut *self.state(), State::Stopped);
        if let State::Connected(connection) = before {
            connection.close();
        }
    }
}

/// Dials for ever.
pub(super) async fn run(
    target: Target,
    identity: Identity,
    handler: Arc<dyn Handler>,
    current: Arc<Current>,
) {
    let mut pause = PAUSE_MIN;
    let mut told = None;
    loop {
        let why = match introduced(&target, &identity).await {
            Ok(introduced) => {
                (pause, told) = (PAUSE_MIN, None);
                // A task of its own, so that the handler hears of the end even when this one is aborted.
                let (handler, current) = (Arc::clone(&handler), Arc::clone(&current));
                let link = link::run(introduced, handler, move |connection| {
                    current.set(connection)
                });
                tokio::spawn(link)
                    .await
                    .unwrap_or_else(|error| Closed::Network(error.to_string()))
            }
            Err(why) => {
                handler.unreachable(&target.address, &why);
                why
            }
        };
        if let Closed::Garbage(text) | Closed::Refused(text) = &why {
            // The same trouble at every attempt is one line.
            if told.as_ref() != Some(text) {
                handler.note(&format!(
                    "closed the connection to {}: {text}",
                    target.address
                ));
                told = Some(text.clone());
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

async fn introduced(target: &Target, identity: &Identity) -> Result<link::Introduced, Closed> {
    let stream = connect(&target.address).await?;
    let introduced = link::introduce(stream, Origin::Dialed, identity).await?;
    match &target.host {
        Some(expected) if *expected != introduced.identity().host => Err(Closed::Refused(format!(
            "there is host {}, not {expected}",
            introduced.identity().host
        ))),
        Some(_) | None => Ok(introduced),
    }
}

async fn connect(address: &str) -> Result<TcpStream, Closed> {
    match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(Closed::Network(error.to_string())),
        Err(_) => Err(Closed::Network("no answer".to_owned())),
    }
}
