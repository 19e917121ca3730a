//! `cmsl sim --step`: a run that is walked command by command, forwards and backwards.
//!
//! The simulator stops where it is told and says what is there. There is no way back in it: what lies before is reached by running again from the
//! beginning, which shows the same.

use super::Runs;
use crate::failure::Failure;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

const HELP: &str = "\
next [N]   go on by one command, or by N (also: an empty line)
back [N]   go back by one command, or by N
to N       go to command N
state      show the replicas of all servers, and what fails
quit       end";

/// Begins a line of the simulator that is for this process.
const MARK: char = '\u{1}';

/// What somebody who walks wants.
#[derive(Debug, PartialEq)]
enum Wish {
    Next(u64),
    Back(u64),
    To(u64),
    State,
    Help,
    Quit,
}

impl Wish {
    fn of(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let Some(word) = words.next() else {
            return Some(Self::Next(1));
        };
        let number = words.next().map(str::parse);
        let number = match number {
            None => None,
            Some(number) => Some(number.ok()?),
        };
        if words.next().is_some() {
            return None;
        }
        let is = |whole: &str| whole.starts_with(word);
        Some(match number {
            _ if is("next") => Self::Next(number.unwrap_or(1)),
            _ if is("back") => Self::Back(number.unwrap_or(1)),
            Some(number) if is("to") => Self::To(number),
            None if is("state") => Self::State,
            None if is("help") => Self::Help,
            None if is("quit") => Self::Quit,
            _ => return None,
        })
    }
}

/// Walks as stdin says.
pub(super) fn walk(runs: &Runs) -> Result<(), Failure> {
    let mut walker = Walker::start(runs, 1, true)?;
    let stdin = std::io::stdin();
    let asks = stdin.is_terminal();
    if asks {
        println!("{HELP}");
    }
    loop {
        if asks {
            print!("{}> ", walker.at);
            std::io::stdout()
                .flush()
                .map_err(|why| runs.failed("write for", &why))?;
        }
        let mut line = String::new();
        let read = stdin.lock().read_line(&mut line);
        if read.map_err(|why| runs.failed("read commands for", &why))? == 0 {
            return Ok(());
        }
        match Wish::of(&line) {
            Some(Wish::Next(count)) => walker.go(walker.at.saturating_add(count))?,
            Some(Wish::Back(count)) => walker.go(walker.at.saturating_sub(count))?,
            Some(Wish::To(command)) => walker.go(command)?,
            Some(Wish::State) => walker.ask("state", true)?,
            Some(Wish::Help) => println!("{HELP}"),
            Some(Wish::Quit) => return Ok(()),
            None => println!("\"{}\" is none of these:\n{HELP}", line.trim()),
        }
    }
}

/// A simulator that has stopped.
struct Walker<'a> {
    runs: &'a Runs,
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// After which command.
    at: u64,
}

impl<'a> Walker<'a> {
    /// A simulator that has stopped there for the first time; if told so, what the program prints until then is shown.
    fn start(runs: &'a Runs, command: u64, shows: bool) -> Result<Self, Failure> {
        let mut child = runs
            .command(&runs.plan.faults)
            .args(["--step", &command.to_string()])
            .arg("--")
            .args(&runs.plan.arguments)
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|why| runs.failed("start", &why))?;
        let ends = child.stdin.take().zip(child.stdout.take());
        let (to, from) = ends.ok_or_else(|| Failure::world("a process without its pipes"))?;
        let mut walker = Walker {
            runs,
            child,
            to,
            from: BufReader::new(from),
            at: 0,
        };
        walker.listen(shows)?;
        Ok(walker)
    }

    /// Goes to a command, forwards or from the beginning.
    fn go(&mut self, command: u64) -> Result<(), Failure> {
        let command = command.max(1);
        if command > self.at {
            return self.ask(&command.to_string(), true);
        }
        // Dropping the walker that was here ends its simulator.
        *self = Self::start(self.runs, command, false)?;
        Ok(())
    }

    fn ask(&mut self, what: &str, shows: bool) -> Result<(), Failure> {
        let asked = writeln!(self.to, "{what}").and_then(|()| self.to.flush());
        if asked.is_err() {
            println!("the run is over");
            return Ok(());
        }
        self.listen(shows)
    }

    /// Shows what the simulator says until it waits; without `shows` only from where it stops.
    fn listen(&mut self, mut shows: bool) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = self.from.read_until(b'\n', &mut bytes);
            if read.map_err(|why| self.runs.failed("read what is printed by", &why))? == 0 {
                return Ok(());
            }
            let line = String::from_utf8_lossy(&bytes);
            match line.strip_prefix(MARK).map(str::trim_end) {
                Some("ready") => return Ok(()),
                Some(told) => {
                    let number = told
                        .strip_prefix("at ")
                        .and_then(|number| number.parse().ok());
                    self.at = number.unwrap_or(self.at);
                    shows = true;
                    write!(out, "command {}, ", self.at)
                }
                None if shows => out.write_all(&bytes),
                None => Ok(()),
            }
            .and_then(|()| out.flush())
            .map_err(|why| self.runs.failed("write for", &why))?;
        }
    }
}

impl Drop for Walker<'_> {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_by_their_beginnings() {
        let wishes = [
            ("", Wish::Next(1)),
            ("n", Wish::Next(1)),
            (" next  3\n", Wish::Next(3)),
            ("b", Wish::Back(1)),
            ("back 2", Wish::Back(2)),
            ("to 17", Wish::To(17)),
            ("s", Wish::State),
            ("state", Wish::State),
            ("h", Wish::Help),
            ("quit", Wish::Quit),
        ];
        for (line, wish) in wishes {
            assert_eq!(Wish::of(line), Some(wish), "{line}");
        }
        for line in ["to", "to x", "next -1", "state 3", "nexts", "to 1 2", "x"] {
            assert_eq!(Wish::of(line), None, "{line}");
        }
    }
}
