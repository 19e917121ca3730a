//! Bytes that are right, of each kind: what is kept in `seeds`.

use std::sync::Arc;
use std::time::Duration;

use cmsl_runtime::client::{Model, ServerSpec};
use cmsl_runtime::clock::Time;
use cmsl_runtime::identity::{HostId, HostInfo, ServerId};
use cmsl_runtime::kernel::call::{Call, read_only};
use cmsl_runtime::kernel::directory::{Catalogue, Change, DirectoryCall, DirectoryReply, Entry};
use cmsl_runtime::kernel::message::{Refusal, RequestName, StateHere, ToClient, ToKernel, ToPeer};
use cmsl_runtime::kernel::status::{HostStatus, ReplicaStatus, ServerStatus};
use cmsl_runtime::object::{Service, Verdict};
use cmsl_runtime::protocol::executive::{
    Ballot, Command, CommandId, Entry as Executed, Frontier, Heartbeat, Message, Record, Stands,
    Vote, What,
};
use cmsl_runtime::protocol::{Bytes, Device, Number, RequestId, Step};
use cmsl_runtime::storage::disk::{Disk, Simulated};
use cmsl_runtime::storage::{Log, Store};
use cmsl_runtime::wire::{Wire, Writer, frame};

use super::service::{blank, execute};
use super::targets::OWNER;

/// Names and bytes for a target.
#[must_use]
pub fn samples(target: &str) -> Vec<(String, Vec<u8>)> {
    let numbered = |all: Vec<Vec<u8>>| {
        let numbered = (0..).zip(all);
        numbered.map(|(number, bytes): (u32, _)| (format!("{number:02}"), bytes))
    };
    match target {
        "frames" => numbered(frames()).collect(),
        "peers" => numbered(peers()).collect(),
        "clients" => numbered(clients()).collect(),
        "directory" => numbered(directory()).collect(),
        "log" => numbered(vec![log()]).collect(),
        "recovery" => numbered(recovery()).collect(),
        "service" => numbered(service()).collect(),
        "options" => numbered(options()).collect(),
        _ => Vec::new(),
    }
}

fn frames() -> Vec<Vec<u8>> {
    let one = frame(16, b"a payload").unwrap();
    let two = [one.clone(), frame(17, &[]).unwrap(), one.clone()].concat();
    vec![[vec![3], one].concat(), [vec![255], two].concat()]
}

fn ballot(round: u64) -> Ballot {
    Ballot {
        round,
        device: Device(2),
    }
}

fn id(number: u64) -> CommandId {
    CommandId {
        ballot: ballot(300),
        number: Number(number),
    }
}

fn command(number: u64) -> Arc<Command> {
    let entry = |sequence, what| Executed {
        id: RequestId {
            session: 1 << 100,
            sequence,
        },
        acknowledged: sequence - 1,
        what,
    };
    let done = What::Done {
        reply: Bytes::from(&b"reply"[..]),
        delta: Bytes::from(&b"delta"[..]),
    };
    let journal = What::Journal {
        call: Bytes::from(&b"call"[..]),
        step: Step {
            session: 5,
            calls: vec![(9, 1), (10, 200)],
            draws: Bytes::from(&b"draws"[..]),
        },
    };
    Arc::new(Command {
        id: id(number),
        precedent: match number {
            1 => CommandId::NULL,
            _ => id(number - 1),
        },
        time: Time::from_nanos(1_000_000 * number as i64),
        entries: vec![entry(number, done), entry(number + 1, journal)],
    })
}

fn vote(number: u64) -> Vote {
    Vote {
        ballot: ballot(301),
        command: command(number),
    }
}

fn messages() -> Vec<Message> {
    let ballot = ballot(301);
    let frontier = Frontier {
        number: Number(4),
        id: id(4),
    };
    vec![
        Message::NextBallot {
            ballot,
            first: Number(5),
        },
        Message::BallotInfo {
            ballot,
            issued: vec![command(3), command(4)],
            votes: vec![vote(5), vote(6)],
            frontier,
        },
        Message::MyNextBallot {
            ballot,
            alive: true,
        },
        Message::BeginBallot {
            ballot,
            command: command(5),
            frontier,
        },
        Message::Voted { ballot, id: id(5) },
        Message::Success { frontier },
        Message::Commands {
            commands: vec![command(1), command(2)],
            frontier,
        },
        Message::Confirm { ballot, round: 9 },
        Message::Confirmed { ballot, round: 9 },
        Message::Heartbeat(Heartbeat {
            promised: ballot,
            alive: true,
            stands: Stands::Tries,
            connected: false,
            hears: 0b101,
            leader_age: Some(Duration::from_millis(7)),
            frontier,
        }),
        Message::CatchUp { first: Number(2) },
        Message::Snapshot {
            number: Number(4),
            offset: 0,
            total: 5,
            piece: Bytes::from(&b"piece"[..]),
        },
        Message::MoreSnapshot {
            number: Number(4),
            offset: 128,
        },
    ]
}

fn peers() -> Vec<Vec<u8>> {
    let encoded = |message: ToPeer<'_>| {
        let mut writer = Writer::new();
        message.write(&mut writer);
        writer.into_bytes()
    };
    let heartbeat = encoded(ToPeer::Heartbeat {
        incarnation: 77,
        owners: vec![1, 1 << 90],
    });
    let messages = messages().into_iter().map(|message| {
        encoded(ToPeer::Group {
            server: ServerId(3),
            message: &message.to_bytes(),
        })
    });
    std::iter::once(heartbeat).chain(messages).collect()
}

fn name() -> RequestName {
    RequestName {
        server: ServerId(3),
        session: 1 << 100,
        seq: 12,
    }
}

fn hosts() -> Vec<HostInfo> {
    let host = |id, address: &str| HostInfo {
        id: HostId(id),
        name: format!("host{id}"),
        address: address.parse().unwrap(),
        alive: id == 0,
    };
    vec![host(0, "127.0.0.1:4000"), host(1, "[::1]:4001")]
}

fn status() -> HostStatus {
    HostStatus {
        me: HostId(1),
        hosts: hosts(),
        servers: vec![ServerStatus {
            server: ServerId(3),
            class: "store".to_owned(),
            name: Some("main".to_owned()),
            tolerance: 1,
            durable: true,
            hosts: vec![HostId(0), HostId(1)],
        }],
        replicas: vec![ReplicaStatus {
            server: ServerId(3),
            leads: true,
            ballot: 4,
            issued: 5,
            leader_changes: 6,
            syncs: 7,
            state_hash: Some([8; 32]),
        }],
    }
}

fn clients() -> Vec<Vec<u8>> {
    let call = Call::encode(
        &[ServerId(1), ServerId(2)],
        &[&7_u32.to_le_bytes(), b"args"],
    );
    let asked = [
        ToKernel::Request {
            name: name(),
            acknowledged: 11,
            call: call.clone(),
        },
        ToKernel::Probe { name: name() },
        ToKernel::Status,
        ToKernel::ReplicaState {
            server: ServerId(3),
            issued: 5,
            offset: 1 << 20,
        },
    ];
    let answered = [
        ToClient::Hosts {
            me: HostId(0),
            hosts: hosts(),
            program: "96d98a9a12ee5c66".to_owned(),
        },
        ToClient::Reply {
            name: name(),
            reply: vec![0, 1, 2],
        },
        ToClient::Redirect {
            name: name(),
            leader: Some(HostId(1)),
            hosts: vec![HostId(0), HostId(1)],
        },
        ToClient::Refused {
            name: name(),
            why: Refusal::Forgotten,
        },
        ToClient::Working { name: name() },
        ToClient::Unknown { name: name() },
        ToClient::Status(Box::new(status())),
        ToClient::ReplicaState {
            server: ServerId(3),
            state: Some(StateHere {
                class: "store".to_owned(),
                issued: 5,
                hash: [8; 32],
                total: 5,
                offset: 0,
                piece: b"piece".to_vec(),
            }),
        },
    ];
    let asked = asked.iter().map(Wire::to_bytes);
    let answered = answered.iter().map(Wire::to_bytes);
    asked.chain(answered).chain([call]).collect()
}

fn entry(id: u64) -> Arc<Entry> {
    Arc::new(Entry {
        id: ServerId(id),
        class: "store".to_owned(),
        args: b"arguments".to_vec(),
        name: Some(format!("store {id}")),
        owner: Some(1 << 100),
        tolerance: 1,
        priority: -2,
        durable: true,
        hosts: vec![HostId(0), HostId(1), HostId(2)],
        incarnations: vec![5, 6, 7],
    })
}

fn directory() -> Vec<Vec<u8>> {
    let spec = ServerSpec {
        class: "store".to_owned(),
        args: b"arguments".to_vec(),
        count: 2,
        replicas: 3,
        tolerance: 1,
        model: Model::Crash,
        hosts: vec![HostId(0), HostId(1), HostId(2)],
        disjoint: true,
        priority: -3,
        name: Some("main".to_owned()),
        durable: true,
    };
    let calls = [
        DirectoryCall::Create {
            spec,
            patient: true,
            owner: Some(3),
        },
        DirectoryCall::Find {
            classes: vec!["store".to_owned(), "shop".to_owned()],
            name: "main".to_owned(),
        },
        DirectoryCall::Delete(vec![ServerId(1), ServerId(2)]),
    ];
    let replies = [
        DirectoryReply::Created(vec![ServerId(1)]),
        DirectoryReply::Found(Some((1, ServerId(2)))),
        DirectoryReply::Deleted,
        DirectoryReply::Exhausted("3 hosts are needed".to_owned()),
        DirectoryReply::Invalid("no such class".to_owned()),
        DirectoryReply::Wait,
    ];
    let change = Change {
        begin: vec![entry(1), entry(2)],
        end: vec![ServerId(9)],
    };
    let mut catalogue = Catalogue::default();
    let _ = catalogue.apply(&change);
    let calls = calls.iter().map(Wire::to_bytes);
    let replies = replies.iter().map(Wire::to_bytes);
    let state = [change.to_bytes(), catalogue.to_bytes(), entry(3).to_bytes()];
    calls.chain(replies).chain(state).collect()
}

fn log() -> Vec<u8> {
    let disk = Simulated::default();
    let (mut log, _) = Log::open(Box::new(disk.clone()), OWNER).unwrap();
    for record in [&b"first"[..], b"", b"a record of some length", b"last"] {
        log.append(record).unwrap();
        log.sync().unwrap();
    }
    drop(log);
    let names = disk.list().unwrap();
    let segment = names.iter().find(|name| name.starts_with("log-"));
    disk.read(segment.unwrap()).unwrap()
}

fn recovery() -> Vec<Vec<u8>> {
    let records = [
        Record::Tried(ballot(299)),
        Record::Promised(ballot(300)),
        Record::Learnt(command(1)),
        Record::Voted(vote(2)),
        Record::Voted(vote(3)),
        Record::Issued(id(2)),
        Record::Promised(ballot(302)),
    ];
    let pieces = records.iter().flat_map(|record| {
        let bytes = record.to_bytes();
        [(bytes.len() as u16).to_le_bytes().to_vec(), bytes].concat()
    });
    vec![std::iter::once(0).chain(pieces).collect()]
}

/// Calls of the server, and what becomes of them one after another; numbers of methods as printed.
fn calls() -> Vec<(Vec<u8>, Verdict)> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let call = |number: u32, arguments: &[Vec<u8>]| {
        [number.to_le_bytes().to_vec(), arguments.concat()].concat()
    };
    let add = |name: &str, radius: f64| call(1000, &[text(name), radius.to_le_bytes().to_vec()]);
    // The first object, of the first class behind the predefined ones; name, two sizes; itself behind it; three times nothing around it.
    let part = [
        vec![1, 0, 14],
        text("part"),
        [vec![2], [5_i64.to_le_bytes(), 6_i64.to_le_bytes()].concat()].concat(),
        vec![1, 0, 3, 0, 0, 0],
    ];
    let long = |value: i64| value.to_le_bytes().to_vec();
    vec![
        (
            call(0, &[text("title"), 3_i32.to_le_bytes().to_vec()]),
            Verdict::Completed,
        ),
        (add("first", 1.5), Verdict::Completed),
        (add("second", -0.25), Verdict::Completed),
        (call(1001, &part), Verdict::Completed),
        (add("too many", 0.0), Verdict::Raised),
        (
            call(
                1003,
                &[vec![1, 2, 0, 0], long(1 << 40), long(1 << 60), long(-5)],
            ),
            Verdict::Completed,
        ),
        (call(read_only(1005), &[]), Verdict::Completed),
        (call(read_only(1006), &[]), Verdict::Completed),
    ]
}

/// A server with some state.
fn made() -> Box<dyn Service> {
    let mut service = blank();
    for (number, (call, verdict)) in calls().into_iter().enumerate() {
        let execution = execute(service.as_mut(), &call);
        assert_eq!(execution.verdict, verdict, "call {number}: {execution:?}");
        service.settle();
    }
    service
}

thread_local! {
    static STORE: Vec<u8> = made().snapshot();
}

/// A server with some state.
pub(super) fn store() -> Box<dyn Service> {
    let mut service = blank();
    STORE.with(|snapshot| service.restore(snapshot).unwrap());
    service
}

fn service() -> Vec<Vec<u8>> {
    let mut service = made();
    let mut all = vec![[vec![0], service.snapshot()].concat()];
    for (call, _) in calls() {
        let execution = execute(service.as_mut(), &call);
        all.push([vec![1], execution.delta].concat());
        all.push([vec![2], call].concat());
    }
    all
}

fn options() -> Vec<Vec<u8>> {
    [
        "--name\na\n--listen\n127.0.0.1:4000\n--volatile",
        "--name\na\n--listen\n[::1]:4000\n--peers\na=127.0.0.1:1,b=127.0.0.2:2\n--data\n/tmp/a\n--with-parent",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
