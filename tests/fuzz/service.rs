//! The server of `service.cmsl`, as the compiler prints it: calls, deltas and snapshots that are anything.

// As the compiler prints it.
#[rustfmt::skip]
#[path = "service/snapshots/printed.rs"]
mod printed;

use std::path::Path;

use cmsl_runtime::object::{Environment, Execution, Service, Verdict};

use super::samples::store;
use crate::programs::compile;
use crate::repository;

/// The program, printed: the text of `service/snapshots`, main and positions.
///
/// # Panics
/// If the compiler refuses it.
#[must_use]
pub fn print() -> [(&'static str, String); 2] {
    let path = Path::new("tests/fuzz/service/service.cmsl");
    let text = std::fs::read_to_string(repository().join(path)).unwrap();
    let (rust, _) = compile(path, &text).unwrap();
    let main = rust.main + "\npub static REGISTERED: &Program = &PROGRAM;\n";
    [("printed.rs", main), ("positions.rs", rust.positions)]
}

/// A server without state.
pub(super) fn blank() -> Box<dyn Service> {
    (printed::REGISTERED.classes[0].blank)()
}

/// Runs a call.
pub(super) fn execute(service: &mut dyn Service, call: &[u8]) -> Execution {
    service.execute(call, &Environment::isolated(1, 0))
}

/// The first byte says what the others are: a snapshot, a delta, or a call.
pub(super) fn run(bytes: &[u8]) {
    let Some((&what, bytes)) = bytes.split_first() else {
        return;
    };
    match what % 3 {
        0 => restored(bytes),
        1 => applied(bytes),
        _ => called(bytes),
    }
}

/// A state that is taken is given again as the same; one that is refused changes nothing.
fn restored(snapshot: &[u8]) {
    let mut service = store();
    let before = service.hash();
    if service.restore(snapshot).is_err() {
        assert_eq!(service.hash(), before);
        return;
    }
    let mut again = blank();
    again.restore(&service.snapshot()).unwrap();
    assert_eq!(again.hash(), service.hash());
}

/// A delta that is refused changes nothing, and one that is taken can be taken back.
fn applied(delta: &[u8]) {
    let mut service = store();
    let before = service.hash();
    if service.apply(delta).is_ok() {
        service.undo();
    }
    assert_eq!(service.hash(), before);
}

/// A call changes nothing, or what its delta changes on another replica.
fn called(call: &[u8]) {
    let (mut leader, mut follower) = (store(), store());
    let execution = execute(leader.as_mut(), call);
    if execution.verdict == Verdict::Completed {
        follower.apply(&execution.delta).unwrap();
        follower.settle();
    } else {
        assert!(execution.delta.is_empty());
    }
    leader.settle();
    assert_eq!(leader.hash(), follower.hash());
}
