//! F6, F7 and F8: disks whose syncs fail, that are full, or that take long.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::super::harness::{AWAY_MAX, Cluster, free_addresses, until};
use super::super::load::{LIGHT, Manner};
use super::super::tracer::{self, Tracer};
use super::{Reached, Scene, pick, work_for};

const HOSTS: usize = 3;
/// Enough in flight that there is something unsynced at any time.
const BUSY: Manner = Manner { depth: 4, ..LIGHT };

/// F6: a sync fails once, early or late, of the leader or another. The kernel ends with a line that says so; what was not synced is lost, as when
/// the power goes, before it is started again.
#[must_use]
pub fn failing(rounds: u32, hosts: usize) -> Option<Reached> {
    if !tracer::is_available() {
        return None;
    }
    let mut scene = Scene::on_loopback(hosts);
    let fault = if hosts == 1 {
        "F6 failing sync, one host"
    } else {
        "F6 failing sync, three hosts"
    };
    let mut reached = Reached::new(fault, rounds, "syncs that failed");
    scene.load(BUSY);
    for round in 0..rounds {
        let leader = scene.cluster.leader(scene.server);
        let host = (leader + pick(round, 4) / 2) % hosts;
        let when = 1 + pick(round, 12);
        let inject = format!("fdatasync:error=EIO:when={when}");
        let mut tracer = Tracer::attach(scene.cluster.process(host), &inject);
        assert!(!scene.cluster.ended(host).success());
        tracer.detach();
        let log = scene.cluster.log(host);
        let last = log.lines().last().unwrap();
        assert!(last.contains("cannot sync "), "{log}");
        reached.effective.0 += tracer.injected();
        let (file, bytes) = tracer.lost().unwrap();
        assert!(last.contains(file.to_str().unwrap()), "{last}: {file:?}");
        let file = File::options().write(true).open(file).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - bytes).unwrap();
        if hosts > 1 {
            reached.away.push(scene.soon_back());
        }
        scene.cluster.restart(host);
        scene.is_healed();
    }
    assert_eq!(reached.effective.0, u64::from(rounds));
    reached.answered = scene.end();
    Some(reached)
}

/// F8: each sync of the leader's disk, or of another's, takes long: longer than the service may be away.
#[must_use]
pub fn slow(rounds: u32, sync: Duration) -> Option<Reached> {
    if !tracer::is_available() {
        return None;
    }
    let mut scene = Scene::on_loopback(HOSTS);
    let mut reached = Reached::new("F8 slow syncs", rounds, "syncs delayed");
    assert!(
        sync > AWAY_MAX,
        "shorter than it may take without the fault"
    );
    scene.load(BUSY);
    for round in 0..rounds {
        let leader = scene.cluster.leader(scene.server);
        let host = (leader + round as usize % 2) % HOSTS;
        let inject = format!("fdatasync,fsync:delay_enter={}", sync.as_micros());
        let mut tracer = Tracer::attach(scene.cluster.process(host), &inject);
        reached.away.push(scene.soon_back());
        work_for(sync);
        until("a delayed sync", || (tracer.injected() > 0).then_some(()));
        tracer.detach();
        reached.effective.0 += tracer.injected();
        scene.is_healed();
    }
    reached.answered = scene.end();
    Some(reached)
}

/// A small file system of its own, gone at the end.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where the machine does not allow it.
    #[must_use]
    pub fn at(folder: &Path) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let mounted = mount("size=256k", folder);
        mounted.then(|| Self(folder.to_owned()))
    }

    /// Makes room.
    pub fn grow(&self) {
        assert!(mount("remount,size=64m", &self.0));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Its user is killed later than this; a lazy end waits for it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn mount(options: &str, folder: &Path) -> bool {
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
    let output = command.arg(folder).output();
    output.is_ok_and(|output| output.status.success())
}

/// F7: the disk of each host in turn is full, then those of all. A kernel without room ends with a line that says so, also when it is started
/// again; the others go on, if they are a quorum; with some room everything is there, and what is written then is there at the next start.
#[must_use]
pub fn full(rounds: u32, hosts: usize) -> Option<Reached> {
    let name = if hosts == 1 {
        "F7 full disk, one host"
    } else {
        "F7 full disks, three hosts"
    };
    let mut reached = Reached::new(name, rounds, "ends for want of room");
    for round in 0..rounds {
        let which = round as usize % (hosts + 1);
        let small: Vec<usize> = (0..hosts)
            .filter(|host| which == hosts || which == *host)
            .collect();
        let mut cluster = Cluster::prepare(free_addresses(hosts), Vec::new());
        let disks = small.iter().map(|host| SmallDisk::at(&cluster.data(*host)));
        let disks = disks.collect::<Option<Vec<SmallDisk>>>()?;
        (0..hosts).for_each(|host| cluster.restart(host));
        let mut scene = Scene::with(cluster, None, hosts);
        scene.load(Manner { depth: 64, ..LIGHT });
        if let [host] = small[..] {
            ends_for_want_of_room(&mut scene.cluster, host);
            if hosts > 1 {
                reached.away.push(scene.soon_back());
            }
            scene.cluster.restart(host);
            ends_for_want_of_room(&mut scene.cluster, host);
            reached.effective.0 += 2;
        } else {
            reached.effective.0 += all_are_full(&mut scene.cluster, hosts);
        }
        disks.iter().for_each(SmallDisk::grow);
        small.iter().for_each(|host| scene.cluster.restart(*host));
        scene.is_healed();
        small.iter().for_each(|host| scene.cluster.kill(*host));
        small.iter().for_each(|host| scene.cluster.restart(*host));
        reached.answered += scene.end();
    }
    Some(reached)
}

/// The kernel of a host ends, and its last line says why.
fn ends_for_want_of_room(cluster: &mut Cluster, host: usize) {
    assert!(!cluster.ended(host).success());
    let log = cluster.log(host);
    let line = log.lines().last().unwrap();
    assert!(line.contains("the disk is full"), "{log}");
    let folder = cluster.data(host);
    assert!(line.contains(folder.to_str().unwrap()), "{log}");
}

/// Hosts end for want of room until no quorum is left; the last one, which may have nothing to write any more, is killed. How many ended.
fn all_are_full(cluster: &mut Cluster, hosts: usize) -> u64 {
    let ended = until("hosts without room", || {
        let ended: Vec<usize> = (0..hosts).filter(|host| !cluster.runs(*host)).collect();
        (hosts - ended.len() <= hosts / 2).then_some(ended)
    });
    for host in 0..hosts {
        if ended.contains(&host) {
            ends_for_want_of_room(cluster, host);
        } else {
            cluster.kill(host);
        }
    }
    ended.len() as u64
}
