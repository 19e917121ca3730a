//! The table of requests is bounded: sessions that were idle for longest are forgotten, and what they repeat is
//! refused with an error of its own, never run again; also after a restart.

use std::collections::VecDeque;

use cmsl_runtime::clock::Time;
use cmsl_runtime::protocol::executive::{Config, Configuration, Executive, Recovered};
use cmsl_runtime::protocol::{
    Bytes, Device, Execution, Input, Output, Protocol, Refusal, Request, RequestId, Verdict,
};

const REPLY_BYTES: usize = 1000;

/// One device, whose disk is instant and whose every method answers with so many bytes.
struct Alone {
    config: Config,
    device: Executive,
    records: Vec<Bytes>,
    executed: usize,
}

impl Alone {
    fn new(settings: impl Fn(&mut Config)) -> Self {
        let configuration = Configuration::new(vec![Device(0)]).unwrap();
        let mut config = Config::new(Device(0), configuration);
        settings(&mut config);
        let device = Executive::new(config.clone(), 7, Time::ZERO);
        let mut alone = Self {
            config,
            device,
            records: Vec::new(),
            executed: 0,
        };
        alone.step(Input::Tick);
        alone
    }

    fn restart(&mut self) {
        let recovered = Recovered {
            snapshot: None,
            records: self.records.clone(),
        };
        let config = self.config.clone();
        self.device =
            Executive::recover(config, 7, Time::ZERO, &recovered, &mut Vec::new()).unwrap();
        self.step(Input::Tick);
    }

    /// What the client of a session hears of its request.
    fn request(&mut self, session: u128, sequence: u64) -> Result<usize, Refusal> {
        let request = Request {
            id: RequestId { session, sequence },
            acknowledged: sequence - 1,
            call: Bytes::from([0]),
        };
        self.step(Input::Request(request)).expect("it is answered")
    }

    fn step(&mut self, input: Input<'_>) -> Option<Result<usize, Refusal>> {
        let mut answer = None;
        let mut outputs = Vec::new();
        self.device.step(input, Time::ZERO, &mut outputs);
        let mut queue = VecDeque::from(outputs);
        while let Some(output) = queue.pop_front() {
            let input = match output {
                Output::Persist { token, records } => {
                    self.records.extend(records);
                    Input::Durable { token }
                }
                Output::Execute { ticket, .. } => {
                    self.executed += 1;
                    let execution = Execution {
                        delta: Bytes::from([1]),
                        reply: Bytes::from([0; REPLY_BYTES]),
                        verdict: Verdict::Completed,
                    };
                    Input::Executed { ticket, execution }
                }
                Output::Reply { reply, .. } => {
                    answer = Some(Ok(reply.len()));
                    continue;
                }
                Output::Refused { why, .. } => {
                    answer = Some(Err(why));
                    continue;
                }
                _ => continue,
            };
            let mut outputs = Vec::new();
            self.device.step(input, Time::ZERO, &mut outputs);
            queue.extend(outputs);
        }
        answer
    }
}

/// Lets sessions come until the first is forgotten, and shows that nothing of it is run again.
fn the_first_session_is_forgotten(settings: impl Fn(&mut Config)) {
    let mut alone = Alone::new(settings);
    for session in 1..=4 {
        assert_eq!(alone.request(session, 1), Ok(REPLY_BYTES));
    }
    assert_eq!(alone.executed, 4);
    for _ in 0..2 {
        // Repeated, and gone on with: whether it ran is not known any more, so it is not run.
        assert_eq!(alone.request(1, 1), Err(Refusal::UnknownSession));
        assert_eq!(alone.request(1, 2), Err(Refusal::UnknownSession));
        // The latest is remembered, and gets the answer that it got.
        assert_eq!(alone.request(4, 1), Ok(REPLY_BYTES));
        assert_eq!(alone.executed, 4);
        alone.restart();
    }
    assert_eq!(alone.request(5, 1), Ok(REPLY_BYTES));
    assert_eq!(alone.executed, 5);
}

#[test]
fn too_many_sessions_are_forgotten() {
    the_first_session_is_forgotten(|config| config.sessions.count = 3);
}

#[test]
fn sessions_with_too_many_bytes_of_answers_are_forgotten() {
    the_first_session_is_forgotten(|config| config.sessions.bytes = 3 * REPLY_BYTES);
}
