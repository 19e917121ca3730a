//! Calls, creation, the directory: what generated code does with a client.

use super::nested::is_nested;
use super::session::Kind;
use super::{CallError, Client, Reply, ServerSpec, Ticket};
use crate::identity::ServerId;
use crate::kernel::call::{Call, is_read_only};
use crate::kernel::directory::{DirectoryCall, DirectoryReply};
use crate::wire::{FRAME_BYTES_MAX, Wire};
use std::time::Duration;

/// What a message holds besides the arguments of a call.
const OVERHEAD_BYTES: usize = 4096;
/// So many requests are sent before the network is looked at.
const UNHEARD_MAX: u32 = 64;
/// How long a creation waits for hosts that have not been heard yet, and how often it asks.
const PATIENCE: Duration = Duration::from_millis(1500);
const ASK_AGAIN: Duration = Duration::from_millis(20);
/// How long the end of a session waits for the directory.
const FAREWELL: Duration = Duration::from_secs(2);

impl Client {
    /// Creates the servers of one `server` expression; returns when all of them accept commands.
    ///
    /// # Errors
    /// `ResourceExhausted`, `Raised` by the constructor, `Invalid`, `ServerFailed`.
    pub fn create(&mut self, spec: &ServerSpec) -> Result<Vec<ServerId>, CallError> {
        let servers = self.place(spec)?;
        match self.construct(&servers, &spec.args) {
            Ok(()) => {
                if spec.name.is_none() && self.chain.is_empty() {
                    self.owned.extend(&servers);
                }
                Ok(servers)
            }
            Err(error) => {
                // What cannot be used is not kept; that it may already be gone is no second error.
                let _ = self.delete(&servers);
                Err(error)
            }
        }
    }

    /// Has the directory place the servers; hosts that are just starting get some time.
    fn place(&mut self, spec: &ServerSpec) -> Result<Vec<ServerId>, CallError> {
        let deadline = self.drawn_now()? + PATIENCE;
        let owner = (spec.name.is_none() && self.chain.is_empty()).then(|| self.session.id());
        loop {
            let patient = self.drawn_now()? < deadline;
            let call = DirectoryCall::Create {
                spec: spec.clone(),
                patient,
                owner,
            };
            match self.ask_directory(&call)? {
                DirectoryReply::Created(servers) => return Ok(servers),
                DirectoryReply::Wait => {
                    let pause = self.clock.now() + ASK_AGAIN;
                    self.drive_until(Some(pause), |_| Ok(None::<()>))?;
                }
                reply => return Err(unexpected(&reply)),
            }
        }
    }

    /// Waits until the constructors ran, sending them where that has not happened yet.
    fn construct(&mut self, servers: &[ServerId], args: &[u8]) -> Result<(), CallError> {
        let mut tickets = Vec::with_capacity(servers.len());
        for server in servers {
            let call = Call::encode(&self.chain, &[args]);
            tickets.push(self.submit(*server, Kind::Construction, call)?);
        }
        let mut outcome = Ok(());
        for ticket in tickets {
            let reply = self.reply(ticket);
            self.forget(ticket);
            outcome = outcome.and(match reply {
                Ok(reply) if reply.raised => Err(CallError::Raised(reply.body.to_vec())),
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            });
        }
        outcome
    }

    /// Sends one call and returns at once; its reply is claimed with the ticket.
    ///
    /// # Errors
    /// `Invalid` if `args` exceed what a frame holds, `Reentrant`.
    pub fn invoke(
        &mut self,
        server: ServerId,
        method: u32,
        args: &[u8],
    ) -> Result<Ticket, CallError> {
        if self.chain.contains(&server) {
            return Err(CallError::Reentrant(server));
        }
        let call = Call::encode(&self.chain, &[&method.to_le_bytes(), args]);
        let kind = if is_read_only(method) {
            Kind::Read
        } else {
            Kind::Change
        };
        self.submit(server, kind, call)
    }

    fn submit(&mut self, server: ServerId, kind: Kind, call: Vec<u8>) -> Result<Ticket, CallError> {
        if call.len() > FRAME_BYTES_MAX - OVERHEAD_BYTES {
            let why = format!(
                "{} bytes of arguments are more than a call may have",
                call.len()
            );
            return Err(CallError::Invalid(why));
        }
        if self.nested.is_some() {
            return self.nested_call(server.0, kind == Kind::Construction, call);
        }
        let mut out = Vec::new();
        let now = self.clock.now();
        let ticket = self.session.invoke(server, kind, call, now, &mut out);
        self.send(&out);
        self.unheard += 1;
        if self.unheard >= UNHEARD_MAX {
            // A program that only invokes must hear redirections too.
            self.poll();
        }
        Ok(ticket)
    }

    /// Waits until one of `tickets` is answered or has failed; `None` when `timeout` ran out first.
    /// Among several answered ones, the index of the one whose reply arrived first. Takes nothing:
    /// the reply is still claimed with [`Client::reply`].
    ///
    /// # Errors
    /// `UnknownTicket`.
    pub fn wait_any(
        &mut self,
        tickets: &[Ticket],
        timeout: Option<Duration>,
    ) -> Result<Option<usize>, CallError> {
        if tickets.is_empty() {
            return Err(CallError::UnknownTicket);
        }
        if self.nested.is_some() {
            return self.nested_wait(tickets, timeout);
        }
        self.session_wait(tickets, timeout)
    }

    /// The same for requests of the session.
    pub(super) fn session_wait(
        &mut self,
        tickets: &[Ticket],
        timeout: Option<Duration>,
    ) -> Result<Option<usize>, CallError> {
        let deadline = timeout.map(|timeout| self.clock.now() + timeout);
        self.drive_until(deadline, |client| {
            let mut first = None;
            for (index, ticket) in tickets.iter().enumerate() {
                if let Some((arrival, _)) = client.session.outcome(*ticket)? {
                    first = first.min(Some((arrival, index))).or(Some((arrival, index)));
                }
            }
            Ok(first.map(|(_, index)| index))
        })
    }

    /// The reply to a request: waits for it if it is not there yet. The same each time it is asked
    /// for, until [`Client::forget`].
    ///
    /// # Errors
    /// `ServerFailed`, `Reentrant`, `UnknownTicket`, `Stopped`.
    pub fn reply(&mut self, ticket: Ticket) -> Result<Reply, CallError> {
        if is_nested(ticket) {
            return self.nested_reply(ticket);
        }
        self.session_reply(ticket)
    }

    /// The same for a request of the session.
    pub(super) fn session_reply(&mut self, ticket: Ticket) -> Result<Reply, CallError> {
        let outcome = self.drive_until(None, |client| {
            Ok(client
                .session
                .outcome(ticket)?
                .map(|(_, outcome)| outcome.clone()))
        })?;
        outcome.unwrap_or(Err(CallError::UnknownTicket))
    }

    /// Drops what is kept of a request. An unanswered one is still executed.
    pub fn forget(&mut self, ticket: Ticket) {
        if is_nested(ticket) {
            self.nested_forget(ticket);
        } else {
            self.session.forget(ticket);
        }
    }

    /// The running server of that name and of the first of these classes of which there is one, and which of them that is.
    ///
    /// # Errors
    /// `ServerFailed` when the directory is not available.
    pub fn find(
        &mut self,
        classes: &[&str],
        name: &str,
    ) -> Result<Option<(usize, ServerId)>, CallError> {
        let call = DirectoryCall::Find {
            classes: classes.iter().map(|&class| class.to_owned()).collect(),
            name: name.to_owned(),
        };
        match self.ask_directory(&call)? {
            DirectoryReply::Found(found) => {
                Ok(found.map(|(class, server)| (class as usize, server)))
            }
            reply => Err(unexpected(&reply)),
        }
    }

    /// Stops servers; calls to them fail from then on. One that is gone already is not an error.
    ///
    /// # Errors
    /// `ServerFailed` when the directory is not available.
    pub fn delete(&mut self, servers: &[ServerId]) -> Result<(), CallError> {
        self.owned.retain(|owned| !servers.contains(owned));
        match self.ask_directory(&DirectoryCall::Delete(servers.to_vec()))? {
            DirectoryReply::Deleted => {
                self.session.deleted(servers);
                Ok(())
            }
            reply => Err(unexpected(&reply)),
        }
    }

    /// Ends the session: the servers without a name that it created stop.
    pub fn end(&mut self) {
        let owned = std::mem::take(&mut self.owned);
        if owned.is_empty() {
            return;
        }
        let call = Call::encode(&[], &[&DirectoryCall::Delete(owned).to_bytes()]);
        if let Ok(ticket) = self.submit(ServerId::DIRECTORY, Kind::Change, call) {
            // Without an answer they end when the kernels find that the session is gone.
            let _ = self.wait_any(&[ticket], Some(FAREWELL));
        }
    }

    fn ask_directory(&mut self, call: &DirectoryCall) -> Result<DirectoryReply, CallError> {
        let call = Call::encode(&[], &[&call.to_bytes()]);
        let ticket = self.submit(ServerId::DIRECTORY, Kind::Change, call)?;
        let reply = self.reply(ticket);
        self.forget(ticket);
        DirectoryReply::from_bytes(&reply?.body)
            .map_err(|error| CallError::ServerFailed(format!("the directory's reply: {error}")))
    }
}

fn unexpected(reply: &DirectoryReply) -> CallError {
    match reply {
        DirectoryReply::Invalid(why) => CallError::Invalid(why.clone()),
        DirectoryReply::Exhausted(why) => CallError::ResourceExhausted(why.clone()),
        DirectoryReply::Created(_)
        | DirectoryReply::Found(_)
        | DirectoryReply::Deleted
        | DirectoryReply::Wait => {
            CallError::ServerFailed("the directory answered another question".to_owned())
        }
    }
}
