//! What a message says, in a few words.

use super::Names;
use crate::client::LinkEvent;
use crate::kernel::call::Call;
use crate::kernel::message::{RequestName, ToClient, ToKernel, ToPeer};
use crate::protocol::RequestId;
use crate::protocol::executive::Message;
use crate::wire::Wire;

/// Sorts of messages, as they are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim::program) enum Sort {
    /// A client asks.
    Call,
    /// It is answered.
    Reply,
    /// A command is voted on and issued.
    Vote,
    /// A read is confirmed.
    Read,
    /// Somebody wants to lead.
    Election,
    /// Somebody learns what he missed.
    CatchUp,
    /// A connection is over.
    Down,
}

/// What a message says.
#[derive(Clone, Debug)]
pub(in crate::sim::program) struct Content {
    pub sort: Sort,
    pub text: String,
    /// The request that it is, and the method that is called.
    pub request: Option<(RequestName, String)>,
}

fn content(sort: Sort, text: String) -> Option<Content> {
    Some(Content {
        sort,
        text,
        request: None,
    })
}

/// A request: its server and its number in its session.
fn request(name: &RequestName, names: &Names) -> String {
    let number = name.seq & (RequestId::READS - 1);
    let sort = if name.seq > RequestId::READS {
        "read"
    } else {
        "request"
    };
    let server = names.server(name.server);
    format!("{server}, {sort} {number} of {}", short(name.session))
}

/// Enough of a session to tell it from others.
pub(super) fn short(session: u128) -> String {
    let text = format!("{session:032x}");
    let begin = text.len().saturating_sub(4);
    format!("session …{}", text.get(begin..).unwrap_or(""))
}

/// What one kernel says to another; nothing for heartbeats.
pub(in crate::sim::program) fn of_peer(message: &[u8], names: &Names) -> Option<Content> {
    let Ok(ToPeer::Group { server, message }) = ToPeer::from_bytes(message) else {
        return None;
    };
    let said = |sort, text: String| content(sort, format!("{}: {text}", names.server(server)));
    match Message::from_bytes(message).ok()? {
        Message::Heartbeat(_) => None,
        Message::NextBallot { ballot, first } => said(
            Sort::Election,
            format!("next ballot {ballot}, who knows command {first} or later?"),
        ),
        Message::BallotInfo {
            ballot,
            issued,
            votes,
            ..
        } => said(
            Sort::Election,
            format!(
                "ballot {ballot} is promised; {} issued, {} votes",
                issued.len(),
                votes.len()
            ),
        ),
        Message::MyNextBallot { ballot, .. } => {
            said(Sort::Election, format!("ballot {ballot} was promised"))
        }
        Message::BeginBallot {
            ballot, command, ..
        } => said(
            Sort::Vote,
            format!("vote in ballot {ballot} for command {}", command.id),
        ),
        Message::Voted { ballot, id } => said(
            Sort::Vote,
            format!("voted in ballot {ballot} for command {id}"),
        ),
        Message::Success { frontier } => said(
            Sort::Vote,
            format!("issued up to command {}", frontier.number),
        ),
        Message::Commands { commands, .. } => {
            said(Sort::CatchUp, format!("{} issued commands", commands.len()))
        }
        Message::Confirm { ballot, round } => said(
            Sort::Read,
            format!("is ballot {ballot} the highest? (question {round})"),
        ),
        Message::Confirmed { ballot, round } => said(
            Sort::Read,
            format!("ballot {ballot} is the highest (question {round})"),
        ),
        Message::CatchUp { first } => {
            said(Sort::CatchUp, format!("what is issued from {first} on?"))
        }
        Message::Snapshot { number, offset, .. } => said(
            Sort::CatchUp,
            format!("snapshot after command {number}, from byte {offset}"),
        ),
        Message::MoreSnapshot { number, offset } => said(
            Sort::CatchUp,
            format!("more of snapshot {number}, from byte {offset}"),
        ),
    }
}

/// What a client says to a kernel.
pub(in crate::sim::program) fn of_client(message: &ToKernel, names: &Names) -> Option<Content> {
    match message {
        ToKernel::Request { name, call, .. } => {
            let number = Call::decode(call).map_or(0, |call| call.method());
            let method = names.method(name.server, number).unwrap_or("call");
            Some(Content {
                sort: Sort::Call,
                text: format!("{method}: {}", request(name, names)),
                request: Some((*name, method.to_owned())),
            })
        }
        ToKernel::Probe { name } => {
            content(Sort::Call, format!("still there? {}", request(name, names)))
        }
        ToKernel::Status | ToKernel::ReplicaState { .. } => None,
    }
}

/// What happens on a client's connection.
pub(in crate::sim::program) fn of_link(what: &LinkEvent, names: &Names) -> Option<Content> {
    match what {
        LinkEvent::Message(message) => of_kernel(message, names),
        LinkEvent::Down => content(Sort::Down, "the connection is over".to_owned()),
        LinkEvent::Up | LinkEvent::Unreachable(_) => None,
    }
}

/// What a kernel says to a client; nothing of what it says to all.
fn of_kernel(message: &ToClient, names: &Names) -> Option<Content> {
    let said = |text: &str, name| {
        let request = request(name, names);
        content(Sort::Reply, format!("{text}: {request}"))
    };
    match message {
        ToClient::Reply { name, .. } => said("reply", name),
        ToClient::Redirect { name, leader, .. } => match leader {
            Some(leader) => said(&format!("host{} leads", leader.0 + 1), name),
            None => said("not here", name),
        },
        ToClient::Refused { name, .. } => said("refused", name),
        ToClient::Working { name } => said("in work", name),
        ToClient::Unknown { name } => said("unknown", name),
        ToClient::Hosts { .. } | ToClient::Status(_) | ToClient::ReplicaState { .. } => None,
    }
}
