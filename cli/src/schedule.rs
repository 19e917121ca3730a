//! The kills and restarts that a user asks of `cmsl run`: `WHO@SECONDS`.
//!
//! Pure: what is wrong with a plan is said before anything is built or started.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The longest delay that is accepted: a day.
const SECONDS_MAX: f64 = 86_400.0;

/// Whom an act befalls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The leader of the first replicated server.
    Leader,
    /// A host by its name.
    Host(String),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leader => f.write_str("leader"),
            Self::Host(name) => f.write_str(name),
        }
    }
}

/// One `WHO@SECONDS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Whom it befalls.
    pub who: Who,
    /// How long after the start of main.
    pub after: Duration,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.who, self.after.as_secs_f64())
    }
}

impl FromStr for Act {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (who, seconds) = text
            .split_once('@')
            .ok_or("expected WHO@SECONDS, such as `leader@3` or `host2@0.5`")?;
        let who = match who {
            "" => return Err("no host before the `@`: write `leader@3` or `host2@3`".into()),
            "leader" => Who::Leader,
            name => Who::Host(name.to_owned()),
        };
        let seconds = seconds
            .parse::<f64>()
            .ok()
            .filter(|seconds| (0.0..=SECONDS_MAX).contains(seconds))
            .ok_or_else(|| format!("`{seconds}` is not a number of seconds from 0 to 86400"))?;
        Ok(Self {
            who,
            after: Duration::from_secs_f64(seconds),
        })
    }
}

/// What to do at a moment of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// End a kernel with SIGKILL.
    Kill(Act),
    /// Start a killed kernel again.
    Restart(Act),
}

impl Step {
    /// When, counted from the start of main.
    pub fn after(&self) -> Duration {
        match self {
            Self::Kill(act) | Self::Restart(act) => act.after,
        }
    }
}

/// The steps in the order of their times; at one time, kills come first.
///
/// Fails with a message when a host does not exist or nothing can have killed what is restarted.
pub fn plan(kills: &[Act], restarts: &[Act], hosts: &[String]) -> Result<Vec<Step>, String> {
    for act in kills.iter().chain(restarts) {
        if let Who::Host(name) = &act.who
            && !hosts.contains(name)
        {
            return Err(format!(
                "`{act}`: there is no host `{name}`; the hosts are {}",
                hosts.join(", ")
            ));
        }
    }
    for restart in restarts {
        let may_follow = |kill: &&Act| {
            kill.after <= restart.after && (kill.who == restart.who || kill.who == Who::Leader)
        };
        if kills.iter().find(may_follow).is_none() {
            let late = kills.iter().find(|kill| kill.who == restart.who);
            return Err(match late {
                Some(kill) => format!(
                    "`--restart {restart}` comes before `--kill {kill}`: restart it later than it is killed"
                ),
                None => format!(
                    "`--restart {restart}`: nothing kills it before; add `--kill {}@SECONDS`",
                    restart.who
                ),
            });
        }
    }
    let kills = kills.iter().cloned().map(Step::Kill);
    let mut steps: Vec<Step> = kills
        .chain(restarts.iter().cloned().map(Step::Restart))
        .collect();
    steps.sort_by_key(Step::after);
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(text: &str) -> Act {
        text.parse().unwrap()
    }

    #[test]
    fn steps_come_in_the_order_of_their_times_and_kills_first() {
        let hosts = ["host1".to_owned(), "host2".to_owned()];
        let kills = [act("host2@5"), act("leader@0.5")];
        let steps = plan(&kills, &[act("host2@5"), act("leader@2")], &hosts).unwrap();
        let expected = [
            Step::Kill(act("leader@0.5")),
            Step::Restart(act("leader@2")),
            Step::Kill(act("host2@5")),
            Step::Restart(act("host2@5")),
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn an_unknown_host_is_refused_with_the_names_that_exist() {
        let hosts = ["host1".to_owned(), "host2".to_owned()];
        let message = plan(&[act("host9@1")], &[], &hosts).unwrap_err();
        assert_eq!(
            message,
            "`host9@1`: there is no host `host9`; the hosts are host1, host2"
        );
    }

    #[test]
    fn a_restart_without_a_kill_before_it_is_refused() {
        let hosts = ["host1".to_owned()];
        let message = plan(&[], &[act("host1@2")], &hosts).unwrap_err();
        assert!(message.contains("nothing kills it before"), "{message}");
        let message = plan(&[act("host1@5")], &[act("host1@2")], &hosts).unwrap_err();
        assert!(message.contains("later than it is killed"), "{message}");
    }

    #[test]
    fn malformed_acts_say_what_was_expected() {
        for wrong in [
            "leader",
            "@1",
            "leader@",
            "leader@-1",
            "leader@NaN",
            "host1@1e9",
        ] {
            assert!(wrong.parse::<Act>().is_err(), "{wrong}");
        }
    }
}
