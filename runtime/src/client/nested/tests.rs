//! What an execution that is repeated learns and calls.

use super::*;
use std::sync::Mutex;

/// Lets every step through and keeps it.
#[derive(Default)]
struct Open(Mutex<Vec<Step>>);

impl Gate for Open {
    fn issue(&self, step: Step) -> bool {
        self.0.lock().unwrap().push(step);
        true
    }

    fn is_closed(&self) -> bool {
        false
    }
}

fn begin(journaled: Option<Journaled>) -> Nested {
    Nested::begin(journaled, 7, Arc::<Open>::default()).unwrap()
}

/// What the journal says after these steps.
fn told(steps: &[&Step]) -> Journaled {
    let calls = steps.iter().flat_map(|step| step.calls.iter().copied());
    Journaled {
        session: 7,
        last: Arc::new(calls.collect()),
        draws: steps.iter().map(|step| Arc::clone(&step.draws)).collect(),
    }
}

fn reply(text: &str) -> Result<Reply, CallError> {
    Ok(Reply {
        raised: false,
        body: text.as_bytes().into(),
    })
}

#[test]
fn an_execution_that_is_repeated_draws_the_same_and_makes_the_same_calls() {
    let mut first = begin(None);
    assert_eq!(first.repeated::<u64>(), Ok(None));
    first.keep(&41_u64).unwrap();
    first.call(3, false, b"one".to_vec()).unwrap();
    first.call(4, false, b"two".to_vec()).unwrap();
    let step = first.step().unwrap().unwrap();
    assert_eq!(step.calls, [(3, 1), (4, 1)]);
    assert_eq!(first.step(), Ok(None));

    let mut again = begin(Some(told(&[&step])));
    assert_eq!(again.repeated(), Ok(Some(41_u64)));
    again.call(3, false, b"one".to_vec()).unwrap();
    assert!(!again.has_left_calls(), "it still repeats");
    again.call(4, false, b"two".to_vec()).unwrap();
    assert_eq!(again.step(), Ok(None), "the step is in the journal already");
    let numbers = again.leaving().into_iter().map(|call| call.number);
    assert_eq!(numbers.collect::<Vec<_>>(), [Some((1, 0)), Some((1, 0))]);
    again.call(3, false, b"three".to_vec()).unwrap();
    assert_eq!(again.step().unwrap().unwrap().calls, [(3, 2)]);
}

#[test]
fn another_way_than_before_is_an_error() {
    let mut first = begin(None);
    first.call(3, false, b"one".to_vec()).unwrap();
    let step = first.step().unwrap().unwrap();
    for (server, bytes) in [(3, b"two"), (4, b"one")] {
        let mut again = begin(Some(told(&[&step])));
        assert!(again.call(server, false, bytes.to_vec()).is_err());
    }
    assert!(begin(Some(told(&[&step]))).repeated::<u64>().is_err());
}

#[test]
fn answers_are_kept_by_others_until_they_are_in_the_journal() {
    let mut nested = begin(None);
    for number in 0..3 {
        nested.call(3, false, vec![number]).unwrap();
    }
    nested.step().unwrap();
    nested.leaving();
    assert_eq!(nested.settled(3), 0);
    nested.replied(Ticket(FIRST_TICKET + 1), &reply("second"));
    assert_eq!(nested.settled(3), 0, "the first is open");
    nested.replied(Ticket(FIRST_TICKET), &reply("first"));
    assert_eq!(nested.settled(3), 2);
    nested.replied(Ticket(FIRST_TICKET + 2), &reply("third"));
    assert_eq!(nested.settled(3), 3);
    assert_eq!(nested.settled(9), 0, "a server that was never called");
}

#[test]
fn a_journal_that_is_none_is_refused() {
    let damaged = Journaled {
        session: 7,
        last: Arc::default(),
        draws: vec![vec![9, 9, 9].into()],
    };
    let gate = Arc::<Open>::default();
    assert!(Nested::begin(Some(damaged), 7, gate).is_err());
}

#[test]
fn a_method_that_learns_too_much_is_stopped() {
    let mut nested = begin(None);
    let too_large = vec![0_u8; DRAW_BYTES_MAX];
    assert!(nested.keep(&too_large).is_err());
    let large = vec![0_u8; DRAW_BYTES_MAX - 8];
    for _ in 0..=DRAWS_BYTES_MAX / DRAW_BYTES_MAX {
        nested.keep(&large).unwrap();
    }
    nested.call(3, false, Vec::new()).unwrap();
    assert!(matches!(
        nested.step(),
        Err(CallError::ResourceExhausted(_))
    ));
}

#[test]
fn what_is_drawn_does_not_grow_beyond_a_message_before_it_is_in_the_journal() {
    let mut nested = begin(None);
    nested.keep(&vec![0_u8; 100]).unwrap();
    assert_eq!(nested.step(), Ok(None));
    nested.keep(&vec![0_u8; STEP_BYTES]).unwrap();
    let step = nested.step().unwrap().unwrap();
    assert!(step.calls.is_empty() && step.draws.len() > STEP_BYTES);
    assert_eq!(nested.step(), Ok(None));
}

#[test]
fn a_server_that_called_very_many_begins_a_new_session() {
    let journaled = Journaled {
        session: 5,
        last: Arc::new((0..=SERVERS_MAX as u64).map(|server| (server, 9)).collect()),
        draws: Vec::new(),
    };
    let mut nested = begin(Some(journaled.clone()));
    nested.call(3, false, Vec::new()).unwrap();
    let step = nested.step().unwrap().unwrap();
    assert_eq!((step.session, step.calls.as_slice()), (7, &[(3, 1)][..]));
    let draws = vec![Arc::clone(&step.draws)];
    let again = begin(Some(Journaled { draws, ..journaled }));
    assert_eq!(again.session, 5, "what is repeated keeps its session");
}
