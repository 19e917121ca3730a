//! Main, from its start to its end: signals, kills and restarts meanwhile.

use super::{Cluster, lifeline};
use crate::failure::{Failure, STATUS_AROUND};
use crate::schedule::{Act, Step, Who};
use crate::{say, status};
use lifeline::Lifeline;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::signal::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How often a look is taken at the processes even if no signal came.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_millis(500);
/// How often a leader is looked for that is not known yet.
const LEADER_POLL: Duration = Duration::from_millis(20);
/// How long a leader is looked for.
const LEADER_WITHIN: Duration = Duration::from_secs(20);
/// How long main may take to end after a signal.
const MAIN_ENDS_WITHIN: Duration = Duration::from_secs(10);
/// The status with which shells and we report an exception that nobody caught.
const STATUS_UNCAUGHT: u8 = 101;

/// Signals of this process, as they arrive.
struct Arrivals {
    receiver: Receiver<i32>,
    handle: Handle,
}

impl Arrivals {
    fn listen() -> Result<Self, Failure> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGCHLD])
            .map_err(|why| Failure::world(format!("cannot receive signals: {why}")))?;
        let handle = signals.handle();
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if sender.send(signal).is_err() {
                    return;
                }
            }
        });
        Ok(Self { receiver, handle })
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        self.handle.close();
    }
}

/// A run in progress.
struct Watch {
    cluster: Cluster,
    main: Child,
    started: Instant,
    steps: VecDeque<Step>,
    /// The host that was last killed as leader.
    last_leader: Option<String>,
    /// A signal that asked the run to end, and when main is killed if it does not.
    ending: Option<(i32, Instant)>,
}

impl Cluster {
    /// Runs main to its end and gives its exit status; the cluster ends with it.
    /// It finds the program's own data files through `CMSL_FOLDER`.
    pub fn run_main(
        mut self,
        arguments: &[String],
        folder: Option<&Path>,
        steps: Vec<Step>,
    ) -> Result<u8, Failure> {
        let arrivals = Arrivals::listen()?;
        let lifeline = Lifeline::open()?;
        say::note("cluster", self.address_list());
        let main = Command::new(&self.executable)
            // Whatever the arguments are, they are main's.
            .arg("--")
            .args(arguments)
            .env("CMSL_CLUSTER", self.address_list())
            .env(lifeline::VARIABLE, lifeline.address().to_string())
            .envs(folder.map(|folder| ("CMSL_FOLDER", folder)))
            .spawn();
        let main = match main {
            Ok(main) => main,
            Err(why) => {
                self.end(None);
                return Err(Failure::world(format!("cannot start main: {why}")));
            }
        };
        let mut watch = Watch {
            cluster: self,
            main,
            started: Instant::now(),
            steps: steps.into(),
            last_leader: None,
            ending: None,
        };
        let outcome = watch.follow(&arrivals);
        if outcome.is_err() {
            watch.cluster.folder.keep_after_failure();
            let _ = watch.main.kill();
            let _ = watch.main.wait();
        }
        outcome
    }
}

impl Watch {
    fn follow(&mut self, arrivals: &Arrivals) -> Result<u8, Failure> {
        loop {
            let lost = |why| Failure::world(format!("main was lost: {why}"));
            if let Some(status) = self.main.try_wait().map_err(lost)? {
                return Ok(self.conclude(status, arrivals));
            }
            self.look_after_hosts()?;
            self.take_due_steps()?;
            match arrivals.receiver.recv_timeout(self.until_next()) {
                Ok(SIGCHLD) | Err(RecvTimeoutError::Timeout) => {}
                Ok(signal) if self.ending.is_none() => self.ask_main_to_end(signal),
                Ok(signal) => return Ok(self.end_at_once(signal)),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::world("signals are no longer received"));
                }
            }
            if let Some((signal, deadline)) = self.ending
                && Instant::now() >= deadline
            {
                return Ok(self.end_at_once(signal));
            }
        }
    }

    fn until_next(&self) -> Duration {
        let next = self.steps.front().map(|step| self.started + step.after());
        let until = next.map(|at| at.saturating_duration_since(Instant::now()));
        match until {
            // A step that is due and still here looks for its leader.
            Some(Duration::ZERO) => LEADER_POLL,
            Some(until) => until.min(LOOK_AT_LEAST_EVERY),
            None => LOOK_AT_LEAST_EVERY,
        }
    }

    fn look_after_hosts(&mut self) -> Result<(), Failure> {
        for host in &mut self.cluster.hosts {
            if let Some(status) = host.ended()? {
                let name = host.name();
                say::error(format!("{name} ended by itself ({status})"));
                self.cluster.folder.keep_after_failure();
            }
        }
        Ok(())
    }

    fn take_due_steps(&mut self) -> Result<(), Failure> {
        while let Some(step) = self.steps.front().cloned() {
            if self.started.elapsed() < step.after() {
                break;
            }
            match &step {
                Step::Kill(act) if !self.kill(act) => break,
                Step::Kill(_) => {}
                Step::Restart(act) => self.restart(act)?,
            }
            self.steps.pop_front();
        }
        Ok(())
    }

    /// Kills whom the act means; false if it has to wait for a leader.
    fn kill(&mut self, act: &Act) -> bool {
        let leader = match &act.who {
            Who::Host(_) => None,
            Who::Leader => status::leader(&self.cluster.addresses()),
        };
        let name = match (&act.who, &leader) {
            (Who::Host(name), _) => name.clone(),
            (Who::Leader, Some(leader)) => leader.host.clone(),
            (Who::Leader, None) => {
                let given_up = self.started.elapsed() > act.after + LEADER_WITHIN;
                if given_up {
                    say::error(format!("`--kill {act}`: no replicated server has a leader"));
                }
                return given_up;
            }
        };
        let Some(host) = self.cluster.host_mut(&name) else {
            return true;
        };
        if host.is_running() {
            host.kill();
            let role = leader.as_ref().map_or_else(String::new, |leader| {
                format!(", the leader of {}", leader.server)
            });
            let seconds = self.started.elapsed().as_secs_f64();
            say::note("killed", format!("{name}{role}, at {seconds:.2} s"));
            if leader.is_some() {
                self.last_leader = Some(name);
            }
        } else {
            say::note("not killed", format!("{name}: it does not run"));
        }
        true
    }

    /// Starts the host again that the act means.
    fn restart(&mut self, act: &Act) -> Result<(), Failure> {
        let name = match &act.who {
            Who::Host(name) => name.clone(),
            Who::Leader => match self.last_leader.take() {
                Some(name) => name,
                None => {
                    say::error(format!("`--restart {act}`: no leader has been killed"));
                    return Ok(());
                }
            },
        };
        let executable = self.cluster.executable.clone();
        let Some(host) = self.cluster.host_mut(&name) else {
            return Ok(());
        };
        if host.is_running() {
            say::note("not restarted", format!("{name}: it runs"));
        } else {
            host.start(&executable)?;
            let seconds = self.started.elapsed().as_secs_f64();
            say::note("restarted", format!("{name}, at {seconds:.2} s"));
        }
        Ok(())
    }

    fn ask_main_to_end(&mut self, signal: i32) {
        self.ending = Some((signal, Instant::now() + MAIN_ENDS_WITHIN));
        // Whatever the signal meant for us, for main it is the wish to end.
        let _ = kill_process(Pid::from_child(&self.main), Signal::TERM);
    }

    fn end_at_once(&mut self, signal: i32) -> u8 {
        let _ = self.main.kill();
        let _ = self.main.wait();
        self.cluster.kill();
        status_of_signal(signal)
    }

    /// Main has ended: ends the kernels, in order unless a second signal comes meanwhile.
    fn conclude(&mut self, status: ExitStatus, arrivals: &Arrivals) -> u8 {
        let signal = self.ending.map(|(signal, _)| signal);
        let code = match (status.code(), signal, status.signal()) {
            (Some(code), _, _) => u8::try_from(code & 0xff).unwrap_or(STATUS_AROUND),
            (None, Some(signal), _) | (None, None, Some(signal)) => status_of_signal(signal),
            (None, None, None) => STATUS_AROUND,
        };
        if signal.is_none() && (status.code().is_none() || code == STATUS_UNCAUGHT) {
            self.cluster.folder.keep_after_failure();
        }
        // What arrived before main ended asked for what has happened.
        while arrivals.receiver.try_recv().is_ok() {}
        self.cluster.end(Some(&arrivals.receiver));
        code
    }
}

/// What shells give for a process that a signal ended.
fn status_of_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(STATUS_AROUND)
}
