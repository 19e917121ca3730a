//! The issued list L: a contiguous prefix of the dependent sequence, kept in memory as far as peers may ask for it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::command::{Command, CommandId};
use super::message::Frontier;
use crate::clock::Time;
use crate::protocol::Number;

/// L, without what was compacted away.
#[derive(Debug, Clone)]
pub struct Log {
    /// The last command that is not in memory.
    base: CommandId,
    commands: VecDeque<Arc<Command>>,
    last: CommandId,
    last_time: Time,
    /// Size of the commands issued since the last snapshot.
    bytes_since_snapshot: usize,
}

impl Log {
    /// The list whose last command is this one, none of it in memory.
    #[must_use]
    pub fn starting_after(base: CommandId, time: Time) -> Log {
        Log {
            base,
            commands: VecDeque::new(),
            last: base,
            last_time: time,
            bytes_since_snapshot: 0,
        }
    }

    /// The last issued command.
    #[must_use]
    pub fn last(&self) -> CommandId {
        self.last
    }

    /// The time of the last issued command.
    #[must_use]
    pub fn last_time(&self) -> Time {
        self.last_time
    }

    /// The last issued command, as it is told to others.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        Frontier {
            number: self.last.number,
            id: self.last,
        }
    }

    /// The first number that is not known issued.
    #[must_use]
    pub fn next(&self) -> Number {
        self.last.number.next()
    }

    /// The last number that is not in memory.
    #[must_use]
    pub fn base(&self) -> Number {
        self.base.number
    }

    /// Appends the next issued command.
    pub fn push(&mut self, command: Arc<Command>) {
        self.last = command.id;
        self.last_time = self.last_time.max(command.time);
        self.bytes_since_snapshot += command.size();
        self.commands.push_back(command);
    }

    /// The command issued under a number, if it is in memory.
    #[must_use]
    pub fn command(&self, number: Number) -> Option<&Arc<Command>> {
        let at = number.0.checked_sub(self.base.number.0 + 1)?;
        self.commands.get(usize::try_from(at).ok()?)
    }

    /// The commands from `first` on, at least one if there is one, until `bytes_max` are reached.
    #[must_use]
    pub fn from(&self, first: Number, bytes_max: usize) -> Vec<Arc<Command>> {
        let Some(skip) = first.0.checked_sub(self.base.number.0 + 1) else {
            return Vec::new();
        };
        let mut bytes = 0;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        // `range` rather than `skip`, which would walk over all that came before.
        let commands = self.commands.range(skip.min(self.commands.len())..);
        commands
            .take_while(|command| {
                let fits = bytes < bytes_max;
                bytes += command.size();
                fits
            })
            .cloned()
            .collect()
    }

    /// Size of what was issued since the last snapshot.
    #[must_use]
    pub fn bytes_since_snapshot(&self) -> usize {
        self.bytes_since_snapshot
    }

    /// Notes that a snapshot is being taken of the state after the last command.
    pub fn snapshot_begins(&mut self) {
        self.bytes_since_snapshot = 0;
    }

    /// Drops commands up to `number` from memory, but keeps the last `keep`.
    pub fn compact(&mut self, number: Number, keep: usize) {
        while self.commands.len() > keep {
            match self.commands.front() {
                Some(command) if command.number() <= number => self.base = command.id,
                _ => break,
            }
            self.commands.pop_front();
        }
    }

    /// Whether the list is what it should be; for assertions, in constant time.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.base.number.0 + self.commands.len() as u64 == self.last.number.0
            && self
                .commands
                .back()
                .is_none_or(|command| command.id == self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::executive::bench::command;

    /// The list of the first five commands.
    fn log() -> Log {
        let mut log = Log::starting_after(CommandId::NULL, Time::ZERO);
        (1..=5).for_each(|number| log.push(command(number)));
        log
    }

    fn numbers(log: &Log, first: u64, bytes_max: usize) -> Vec<u64> {
        let commands = log.from(Number(first), bytes_max);
        commands.iter().map(|command| command.number().0).collect()
    }

    #[test]
    fn what_is_asked_for_is_given_from_there_on_until_it_is_enough() {
        let mut log = log();
        let size = command(1).size();
        assert_eq!(numbers(&log, 1, usize::MAX), [1, 2, 3, 4, 5]);
        assert_eq!(numbers(&log, 5, usize::MAX), [5]);
        assert_eq!(numbers(&log, 6, usize::MAX), [] as [u64; 0]);
        assert_eq!(numbers(&log, 9, usize::MAX), [] as [u64; 0]);
        assert_eq!(numbers(&log, 2, 1), [2]);
        assert_eq!(numbers(&log, 2, size), [2]);
        assert_eq!(numbers(&log, 2, size + 1), [2, 3]);
        log.compact(Number(3), 0);
        assert_eq!(log.base(), Number(3));
        assert_eq!(numbers(&log, 3, usize::MAX), [] as [u64; 0]);
        assert_eq!(numbers(&log, 4, usize::MAX), [4, 5]);
        assert_eq!(log.command(Number(3)), None);
        assert_eq!(log.command(Number(4)), Some(&command(4)));
        assert_eq!(log.command(Number(6)), None);
    }

    #[test]
    fn some_stay_in_memory_whatever_a_snapshot_covers() {
        for (number, keep, base) in [(5, 2, 3), (5, 5, 0), (5, 9, 0), (2, 0, 2), (2, 4, 1)] {
            let mut log = log();
            log.compact(Number(number), keep);
            assert_eq!(log.base(), Number(base), "up to {number}, but {keep}");
            assert!(log.is_sound());
        }
    }

    #[test]
    fn what_was_issued_since_a_snapshot_is_measured() {
        let mut log = log();
        assert_eq!(log.bytes_since_snapshot(), 5 * command(1).size());
        log.snapshot_begins();
        assert_eq!(log.bytes_since_snapshot(), 0);
        log.push(command(6));
        assert_eq!(log.bytes_since_snapshot(), command(6).size());
    }

    #[test]
    fn a_list_with_a_gap_is_not_sound() {
        assert!(log().is_sound());
        let mut short = log();
        short.commands.pop_front();
        assert!(!short.is_sound());
        let mut other = log();
        other.last.ballot = other.last.ballot.above(other.last.ballot.device);
        assert!(!other.is_sound());
    }
}
