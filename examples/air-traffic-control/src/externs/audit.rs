//! The account at the end of a run: what the sensors' journals say against what the replicas hold.
//!
//! The replicas are read by a process of its own (this executable's `inspect`), which fetches each
//! replica's issued state and does not ask the database. Nothing here trusts a counter that the
//! running program kept about itself.

use crate::data::AccountResult;
use cmsl_runtime::Outside;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How long replicas may take to reach the same number.
const SETTLING: Duration = Duration::from_secs(20);

/// A journal, read back.
#[derive(Debug, Default, Clone, PartialEq)]
struct Journal {
    sensor: i64,
    generation: i64,
    after: i64,
    sent: i64,
    acknowledged: i64,
    digest: i64,
    sendings: Vec<i64>,
    acknowledgements: Vec<i64>,
}

/// One sensor's account in a replica's state.
#[derive(Debug, Default, Clone, PartialEq)]
struct Held {
    last: i64,
    ahead: i64,
    count: i64,
    twice: i64,
    digest: i64,
}

/// One replica's state, as `database::audit` tells it.
#[derive(Debug, Default, Clone, PartialEq)]
struct Replica {
    issued: i64,
    state_hash: String,
    track_hash: String,
    sensors: BTreeMap<i64, Held>,
}

/// The digests are sums modulo this prime, as in the program.
const DIGEST_MODULUS: i64 = 2_147_483_647;

/// Compares the journals in `folder` with the replicas of server `name`; `alive` are the sensors that
/// reached their end.
pub fn account_for(
    outside: &mut Outside,
    folder: &str,
    name: &str,
    alive: &[i32],
) -> Result<AccountResult, String> {
    let journals = journals(outside, folder)?;
    let replicas = settled_replicas(outside, name)?;
    Ok(compare(&journals, &replicas, alive))
}

/// The same for a database that lives in main, or whose replicas cannot be read: `state` is what its `audit` says.
pub fn account_of(
    outside: &mut Outside,
    folder: &str,
    state: &str,
    alive: &[i32],
) -> Result<AccountResult, String> {
    let journals = journals(outside, folder)?;
    let replica = replica(0, String::new(), state)?;
    Ok(compare(&journals, &[replica], alive))
}

fn compare(journals: &[Journal], replicas: &[Replica], alive: &[i32]) -> AccountResult {
    let mut account = AccountResult {
        replicas: i64::try_from(replicas.len()).unwrap_or(i64::MAX),
        longest_gap: longest_gap(journals),
        ..AccountResult::default()
    };
    let newest = |journal: &Journal| {
        journals
            .iter()
            .filter(|other| other.sensor == journal.sensor)
            .all(|other| other.generation <= journal.generation)
    };
    for journal in journals {
        let lives = alive
            .iter()
            .any(|sensor| i64::from(*sensor) == journal.sensor);
        if lives && newest(journal) {
            account.sent += journal.sent;
            account.acknowledged += journal.acknowledged;
        } else if !lives {
            account.abandoned += journal.sent - journal.acknowledged;
        }
        let lost = replicas.iter().map(|replica| lost(journal, replica)).max();
        account.lost = account.lost.max(0) + lost.unwrap_or(journal.acknowledged);
    }
    let doubled = replicas
        .iter()
        .map(|replica| replica.sensors.values().map(twice).sum());
    account.duplicates = doubled.max().unwrap_or(0);
    account.state_hash = same(replicas.iter().map(|replica| replica.state_hash.as_str()));
    account.track_hash = same(replicas.iter().map(|replica| replica.track_hash.as_str()));
    account
}

/// The one text that all give, or a text that says they differ.
fn same<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let distinct: std::collections::BTreeSet<&str> = texts.collect();
    match distinct.len() {
        1 => distinct.first().copied().unwrap_or_default().to_owned(),
        _ => format!(
            "differs: {}",
            distinct.into_iter().collect::<Vec<_>>().join(" ")
        ),
    }
}

/// Reports that the journal calls acknowledged and the state does not hold.
fn lost(journal: &Journal, replica: &Replica) -> i64 {
    let held = replica
        .sensors
        .get(&journal.sensor)
        .cloned()
        .unwrap_or_default();
    // After a gap, the state holds some that lie ahead; those that were never acknowledged do not count.
    let unacknowledged = journal.sent - journal.acknowledged;
    let ahead = (held.ahead - unacknowledged).max(0);
    let missing = (journal.acknowledged - held.last - ahead).max(0);
    // The numbers are there, but are they the same reports? A digest over all of them tells.
    let comparable = journal.after == 0
        && journal.sent == journal.acknowledged
        && held.last == journal.sent
        && held.ahead == 0;
    if comparable && held.digest != journal.digest {
        return journal.acknowledged.max(1);
    }
    missing
}

/// Reports that the state counted more often than their numbers allow.
fn twice(held: &Held) -> i64 {
    held.twice.max(held.count - held.last - held.ahead).max(0)
}

/// What happened to a batch, for the gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Sent,
    /// Sent by a sensor that died before it heard anything: it waits until somebody is answered.
    SentInVain,
    Answered,
}

/// The longest time, in seconds, that reports waited with nothing issued in between: from the sending
/// of the first that waits, or from the last acknowledgement, to the next acknowledgement.
fn longest_gap(journals: &[Journal]) -> f64 {
    let mut events: Vec<(i64, Event)> = Vec::new();
    for journal in journals {
        let answered = journal.acknowledgements.len();
        for (index, time) in journal.sendings.iter().enumerate() {
            let what = if index < answered {
                Event::Sent
            } else {
                Event::SentInVain
            };
            events.push((*time, what));
        }
        events.extend(
            journal
                .acknowledgements
                .iter()
                .map(|time| (*time, Event::Answered)),
        );
    }
    events.sort_unstable();
    let (mut waiting, mut in_vain, mut since, mut longest) = (0, 0, 0, 0);
    for (time, what) in events {
        match what {
            Event::Answered => {
                longest = longest.max(time - since);
                since = time;
                waiting -= 1 + in_vain;
                in_vain = 0;
            }
            Event::Sent | Event::SentInVain => {
                if waiting == 0 {
                    since = time;
                }
                waiting += 1;
                in_vain += i64::from(what == Event::SentInVain);
            }
        }
    }
    // Waiting is never free: a gap below the clock's step is one step.
    longest.max(1) as f64 / 1e6
}

fn journals(outside: &Outside, folder: &str) -> Result<Vec<Journal>, String> {
    let failed = |why: std::io::Error| format!("cannot read the journals in `{folder}`: {why}");
    let mut journals = Vec::new();
    for name in outside.list(folder).map_err(failed)? {
        let path = Path::new(folder).join(name);
        if path
            .extension()
            .is_some_and(|extension| extension == "journal")
        {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let generation = name.rsplit('-').next().and_then(|text| text.parse().ok());
            let text = outside.read_text(&path).map_err(failed)?;
            journals.push(journal(&text, generation.unwrap_or(0)));
        }
    }
    journals.sort_by_key(|journal| (journal.sensor, journal.generation));
    Ok(journals)
}

/// Reads a journal; a last line without its end was being written when the process died.
fn journal(text: &str, generation: i64) -> Journal {
    let mut journal = Journal {
        generation,
        ..Journal::default()
    };
    let whole = text
        .rfind('\n')
        .map_or("", |end| text.get(..end).unwrap_or_default());
    for line in whole.lines() {
        let mut words = line.split(' ');
        let what = words.next().unwrap_or_default();
        let numbers: Vec<i64> = words.filter_map(|word| word.parse().ok()).collect();
        match (what, numbers.as_slice()) {
            ("sensor", [sensor, after]) => {
                (journal.sensor, journal.after) = (*sensor, *after);
                (journal.sent, journal.acknowledged) = (*after, *after);
            }
            ("sent", [_, last, digest, time]) => {
                journal.sent = journal.sent.max(*last);
                journal.digest = (journal.digest + digest).rem_euclid(DIGEST_MODULUS);
                journal.sendings.push(*time);
            }
            ("acknowledged", [last, time]) => {
                journal.acknowledged = journal.acknowledged.max(*last);
                journal.acknowledgements.push(*time);
            }
            _ => {}
        }
    }
    journal
}

/// All reachable replicas, once they stand at the same number.
fn settled_replicas(outside: &Outside, name: &str) -> Result<Vec<Replica>, String> {
    let begun = outside.monotonic();
    loop {
        let read = replicas(outside, name);
        if let Ok(replicas) = &read
            && let Some(first) = replicas.first()
            && replicas
                .iter()
                .all(|replica| replica.issued == first.issued)
        {
            return read;
        }
        if outside.monotonic() - begun > SETTLING {
            return read;
        }
        outside.sleep(Duration::from_millis(100));
    }
}

fn replicas(outside: &Outside, name: &str) -> Result<Vec<Replica>, String> {
    let mut replicas = Vec::new();
    for value in inspected(outside, name)? {
        let text = |key: &str| {
            value
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let issued = value.get("issued").and_then(Value::as_i64).unwrap_or(-1);
        replicas.push(replica(issued, text("state_hash"), &text("result"))?);
    }
    if replicas.is_empty() {
        return Err(format!("no replica of `{name}` could be read"));
    }
    Ok(replicas)
}

/// Reads `tracks HASH|sensor NUMBER LAST AHEAD COUNT TWICE DIGEST|…`.
fn replica(issued: i64, state_hash: String, text: &str) -> Result<Replica, String> {
    let mut replica = Replica {
        issued,
        state_hash,
        ..Replica::default()
    };
    for part in text.split('|') {
        if let Some(hash) = part.strip_prefix("tracks ") {
            replica.track_hash = hash.to_owned();
        } else if let Some(numbers) = part.strip_prefix("sensor ") {
            let numbers: Vec<i64> = numbers
                .split(' ')
                .filter_map(|word| word.parse().ok())
                .collect();
            let [sensor, last, ahead, count, twice, digest] = numbers.as_slice() else {
                return Err(format!(
                    "a replica gave an audit that cannot be read: {part}"
                ));
            };
            let held = Held {
                last: *last,
                ahead: *ahead,
                count: *count,
                twice: *twice,
                digest: *digest,
            };
            replica.sensors.insert(*sensor, held);
        }
    }
    Ok(replica)
}

/// How often the leader changed after the first election; -1 if nobody can tell.
pub fn failovers(outside: &mut Outside, name: &str) -> i64 {
    let changes = inspected(outside, name).map(|lines| {
        lines
            .iter()
            .filter_map(|line| line.get("leader_changes")?.as_i64())
            .max()
    });
    changes.ok().flatten().unwrap_or(-1)
}

/// What this executable's `inspect` says of each replica.
fn inspected(outside: &Outside, name: &str) -> Result<Vec<Value>, String> {
    let cluster = cluster(outside)?;
    let text = this_program(&[
        "inspect",
        "--cluster",
        &cluster,
        "--server",
        name,
        "--method",
        "audit",
    ])?;
    text.lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).map_err(|why| format!("inspect: {why}")))
        .collect()
}

/// Whether replicas can be read: in a cluster of processes. In a simulation it is the simulator that compares them.
pub fn shows_replicas(outside: &mut Outside) -> bool {
    cluster(outside).is_ok()
}

fn cluster(outside: &Outside) -> Result<String, String> {
    outside.variable("CMSL_CLUSTER").ok_or_else(|| {
        "the replicas can be read in a cluster only: start the program with `cmsl run`".to_owned()
    })
}

/// Runs this executable with other arguments, as a process of its own, and gives what it printed.
#[expect(
    clippy::disallowed_types,
    reason = "what accounts for the program does not trust it; a simulation does not come here"
)]
fn this_program(arguments: &[&str]) -> Result<String, String> {
    use std::process::{Command, Stdio};
    let program = std::env::current_exe().map_err(|why| why.to_string())?;
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|why| format!("cannot start the audit: {why}"))?;
    if output.status.success() {
        return String::from_utf8(output.stdout).map_err(|why| why.to_string());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
