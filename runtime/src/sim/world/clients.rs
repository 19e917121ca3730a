//! What clients see and do.

use super::*;

impl World {
    pub(super) fn answer(&mut self, client: usize, sequence: u64, reply: &Bytes) {
        let now = self.now;
        let Some(asker) = self.clients.get_mut(client) else {
            return;
        };
        if !asker.answered(sequence) {
            return;
        }
        let id = RequestId {
            session: asker.session(),
            sequence,
        };
        if let Some(operation) = self.history.operations.get_mut(&id) {
            operation.answered = Some((now, Bytes::clone(reply)));
            let issued = self.history.issued.keys().next_back();
            operation.issued = issued.copied().unwrap_or_default();
        }
        if id.is_read() {
            self.reads += 1;
        } else {
            self.commands += 1;
            if !self.issued.contains(&id) {
                self.owed.insert(id);
            }
        }
        self.observe(&Observation::Answered { id, reply });
        self.client_event(client);
    }

    pub(super) fn refuse(
        &mut self,
        client: usize,
        sequence: u64,
        hint: Option<Option<u16>>,
        bad: Option<u8>,
    ) {
        let why = match (hint, bad) {
            (Some(hint), _) => Refusal::NotLeader {
                hint: hint.map(Device),
            },
            (None, None) => Refusal::Busy,
            (None, Some(0)) => Refusal::Trimmed,
            (None, Some(1)) => Refusal::UnknownSession,
            (None, Some(2)) => Refusal::TooLarge,
            (None, Some(_)) => Refusal::NeedsCommand,
        };
        let Some(asker) = self.clients.get_mut(client) else {
            return;
        };
        if asker.refused(sequence, why, self.now, &mut self.random) {
            let property = "exactly once";
            let what = format!("request {sequence} of client {client} was refused: {why}");
            self.violation = Some(Violation { property, what });
        }
        if why == Refusal::NeedsCommand {
            let session = asker.session();
            self.withdraw(RequestId { session, sequence });
        }
        self.client_event(client);
    }

    pub(super) fn client_event(&mut self, client: usize) {
        if let Some(asker) = self.clients.get(client)
            && asker.deadline() < Time::NEVER
        {
            let at = asker.deadline().max(self.now);
            self.at(at, Event::Client { client });
        }
    }

    pub(super) fn client_turn(&mut self, client: usize) {
        let mut actions = Vec::new();
        let now = self.now;
        let Some(asker) = self.clients.get_mut(client) else {
            return;
        };
        if asker.deadline() > now {
            return;
        }
        asker.turn(now, &mut self.random, &mut actions);
        for action in actions {
            match action {
                Action::Invoke(id, call) => {
                    let operation = Operation {
                        call,
                        invoked: now,
                        answered: None,
                        issued: Number(0),
                        given_up: false,
                    };
                    self.history.operations.insert(id, operation);
                }
                Action::Send(to, request) => {
                    let home = self.clients.get(client).map_or(0, Client::home);
                    for at in self.route(home, usize::from(to.0)) {
                        let event = Event::Request {
                            to: usize::from(to.0),
                            id: (request.id.session, request.id.sequence),
                            acknowledged: request.acknowledged,
                            call: Bytes::clone(&request.call),
                        };
                        self.at(at, event);
                    }
                }
                Action::GiveUp(id) => self.withdraw(id),
            }
        }
        self.client_event(client);
    }

    /// A client stopped waiting.
    fn withdraw(&mut self, id: RequestId) {
        if let Some(operation) = self.history.operations.get_mut(&id) {
            operation.given_up = true;
        }
    }
}
