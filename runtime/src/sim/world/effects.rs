//! What devices ask of their hosts: messages, writes, executions, replies.

use std::collections::btree_map::Entry;

use super::*;

impl World {
    pub(super) fn effect(&mut self, index: usize, output: Output) {
        match output {
            Output::Send { to, message } => self.send(index, to, message),
            Output::Persist { token, records } => {
                let done = self.sync_time(index);
                if let Some(host) = self.hosts.get_mut(index) {
                    host.disk.append(token, records, done);
                }
                self.disk_event(index);
            }
            Output::SaveSnapshot {
                token, snapshot, ..
            } => {
                let done = self.sync_time(index);
                if let Some(host) = self.hosts.get_mut(index) {
                    host.disk.save(token, snapshot, done);
                }
                self.disk_event(index);
            }
            Output::Reply { id, reply } => {
                if let Some(client) = self.client_of(id) {
                    for at in self.route_to_client(index, client) {
                        let reply = Bytes::clone(&reply);
                        self.at(
                            at,
                            Event::Reply {
                                client,
                                sequence: id.sequence,
                                reply,
                            },
                        );
                    }
                }
            }
            Output::Refused { id, why } => self.send_refusal(index, id, why),
            Output::Wake { at } => {
                if let Some(host) = self.hosts.get_mut(index) {
                    host.wake = at - host.offset;
                    let (time, life) = (host.wake.max(self.now), host.life);
                    self.at(time, Event::Wake { host: index, life });
                }
            }
            Output::Journaled { ticket } => {
                let host = self.hosts.get_mut(index);
                let done = host.and_then(|host| host.journaled(ticket, &mut self.random));
                self.soon.extend(done.map(|done| (index, done)));
            }
            Output::Cancel { ticket } => {
                let host = self.hosts.get_mut(index);
                let done = host.and_then(|host| host.cancel(ticket));
                self.soon.extend(done.map(|done| (index, done)));
            }
            // The rest is for the service, which has taken it.
            Output::Execute { .. }
            | Output::Apply { .. }
            | Output::Undo
            | Output::Settle
            | Output::Issued { .. }
            | Output::Install { .. }
            | Output::TakeSnapshot { .. } => {}
        }
    }

    pub(super) fn send(&mut self, index: usize, to: Device, message: Bytes) {
        let from = Device(index as u16);
        if let Some(host) = self.hosts.get(index)
            && let Some(device) = &host.device
            && message.first() != Some(&Message::HEARTBEAT)
        {
            match Message::from_bytes(&message) {
                Ok(message) => {
                    let issued = device.last_issued();
                    let disk = &host.disk;
                    let sent = Observation::Sent {
                        from,
                        message: &message,
                        disk,
                        issued,
                    };
                    observe(
                        &mut self.properties,
                        &self.history,
                        &sent,
                        &mut self.violation,
                    );
                }
                Err(error) => {
                    let property = "encoding";
                    self.violation = Some(Violation {
                        property,
                        what: error.to_string(),
                    });
                }
            }
        }
        for at in self.route(index, usize::from(to.0)) {
            let message = Bytes::clone(&message);
            self.at(
                at,
                Event::Message {
                    to: usize::from(to.0),
                    from: from.0,
                    message,
                },
            );
        }
        if message.first() != Some(&Message::HEARTBEAT) {
            self.replay(usize::from(to.0), from.0, Bytes::clone(&message));
            // Whoever begins a ballot has begun others before, whose answers may still come.
            let begins = message.first() == Some(&Message::NEXT_BALLOT);
            if begins && self.random.one_in((self.swarm.replay_one_in / 20).max(1)) {
                self.replay_old(index);
            }
        }
    }

    /// When a message arrives that is sent now from one host to another.
    pub(super) fn route(&mut self, from: usize, to: usize) -> impl Iterator<Item = Time> + use<> {
        let before = self.network.cut_now;
        let arrivals = self.network.route(from, to, self.now, &mut self.random);
        if before == 0 && self.network.cut_now > 0 {
            self.faults.cuts += 1;
        }
        arrivals.into_iter().flatten()
    }

    /// When a message arrives that is sent now from a host to a client.
    fn route_to_client(
        &mut self,
        from: usize,
        client: usize,
    ) -> impl Iterator<Item = Time> + use<> {
        let home = self.clients.get(client).map_or(from, Client::home);
        self.route(from, home)
    }

    /// Remembers a message, and now and then sends an old one again, however long ago it was.
    pub(super) fn replay(&mut self, to: usize, from: u16, message: Bytes) {
        let Some(host) = self.hosts.get_mut(to) else {
            return;
        };
        host.past.push_back((from, message));
        if host.past.len() > PAST_MAX {
            host.past.pop_front();
        }
        if self.random.one_in(self.swarm.replay_one_in) {
            self.replay_old(to);
        }
    }

    /// Sends a device some of its past again.
    pub(super) fn replay_old(&mut self, to: usize) {
        if self.healed.is_some() {
            return;
        }
        for _ in 0..4 {
            let past = self.hosts.get(to).map_or(0, |host| host.past.len() as u64);
            if past == 0 {
                return;
            }
            let which = self.random.below(past) as usize;
            let old = self
                .hosts
                .get(to)
                .and_then(|host| host.past.get(which))
                .cloned();
            if let Some((from, message)) = old {
                self.network.traffic.replayed += 1;
                let at = self.now
                    + self
                        .random
                        .between(Duration::ZERO, Duration::from_millis(3));
                self.at(at, Event::Message { to, from, message });
            }
        }
    }

    pub(super) fn client_of(&self, id: RequestId) -> Option<usize> {
        self.clients
            .iter()
            .position(|client| client.session() == id.session)
    }

    fn send_refusal(&mut self, from: usize, id: RequestId, why: Refusal) {
        let Some(client) = self.client_of(id) else {
            return;
        };
        let (hint, bad) = match why {
            Refusal::NotLeader { hint } => (Some(hint.map(|device| device.0)), None),
            Refusal::Busy => (None, None),
            Refusal::Trimmed => (None, Some(0)),
            Refusal::UnknownSession => (None, Some(1)),
            Refusal::TooLarge => (None, Some(2)),
            Refusal::NeedsCommand => (None, Some(3)),
        };
        for at in self.route_to_client(from, client) {
            self.at(
                at,
                Event::Refused {
                    client,
                    sequence: id.sequence,
                    hint,
                    bad,
                },
            );
        }
    }

    pub(super) fn sync_time(&mut self, index: usize) -> Time {
        let took = self.random.between(Duration::ZERO, self.swarm.sync);
        let now = self.now;
        let Some(host) = self.hosts.get_mut(index) else {
            return now;
        };
        if host.stalled_until > now && !host.stall_noticed {
            host.stall_noticed = true;
            self.faults.stalls += 1;
        }
        (now + took).max(host.stalled_until)
    }

    pub(super) fn disk_event(&mut self, index: usize) {
        if let Some(host) = self.hosts.get(index)
            && let Some(at) = host.disk.next_done()
        {
            let life = host.life;
            self.at(at.max(self.now), Event::Disk { host: index, life });
        }
    }

    pub(super) fn sync(&mut self, index: usize) {
        let now = self.now;
        let token = self
            .hosts
            .get_mut(index)
            .and_then(|host| host.disk.sync(now));
        if let Some(token) = token {
            self.drive(index, Input::Durable { token });
        }
        self.disk_event(index);
    }

    /// Lets a host's service work off what it has to do.
    pub(super) fn work(&mut self, index: usize) {
        let mut inputs: VecDeque<Input<'static>> = VecDeque::new();
        loop {
            let (now, slow) = (self.now, self.swarm.slow_one_in);
            let Some(host) = self.hosts.get_mut(index) else {
                return;
            };
            match host.work(now, slow, &mut self.random) {
                Some(Some(Done::Input(input))) => inputs.push_back(input),
                Some(Some(Done::Call(post))) => self.call_outside(index, post),
                Some(Some(Done::Settled(number, hash))) => {
                    let device = Device(index as u16);
                    self.observe(&Observation::Settled {
                        device,
                        number,
                        hash,
                    });
                }
                Some(Some(Done::Damaged(what))) => {
                    self.violation = Some(Violation {
                        property: "service",
                        what,
                    });
                }
                Some(None) => {}
                None => {
                    let Some(input) = inputs.pop_front() else {
                        break;
                    };
                    self.step(index, input);
                }
            }
            if self.violation.is_some() {
                return;
            }
        }
        if let Some(host) = self.hosts.get(index)
            && let Some(at) = host.busy(self.now)
        {
            let life = host.life;
            self.at(at, Event::Service { host: index, life });
        }
    }

    pub(super) fn step(&mut self, index: usize, input: Input<'static>) {
        let mut out = std::mem::take(&mut self.out);
        let now = self.now;
        if let Some(host) = self.hosts.get_mut(index)
            && let Some(device) = &mut host.device
        {
            device.step(input, now + host.offset, &mut out);
            self.perform(index, &mut out);
        }
        out.clear();
        self.out = out;
    }

    /// A device issued a command.
    pub(super) fn note_issued(&mut self, index: usize, number: Number) {
        let device = self.hosts.get(index).and_then(|host| host.device.as_ref());
        let Some(command) = device.and_then(|device| device.issued(number)).cloned() else {
            let property = "dependence";
            let what = format!("device {index} issued {number} after a gap");
            self.violation = Some(Violation { property, what });
            return;
        };
        let device = Device(index as u16);
        self.observe(&Observation::Issued {
            device,
            command: &command,
        });
        if let Entry::Vacant(place) = self.history.issued.entry(command.number()) {
            for (entry, ..) in command.done() {
                self.owed.remove(&entry.id);
                self.issued.insert(entry.id);
            }
            place.insert(command);
        }
    }
}
