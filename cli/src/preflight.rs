//! What can be said of a run before minutes are spent on building the program: whether there is a `main`, hosts for
//! its servers, and a leader to kill.

use crate::failure::Failure;
use crate::front::{Generated, Origin, shown};
use crate::project::{HOSTS_MAX, MANIFEST, Project};
use crate::say;
use crate::schedule::{Act, Who};
use cmsl_codegen::report::{Creation, creations, finds_servers};
use std::path::Path;

/// Fails if the run cannot come to anything; says what may go wrong.
pub fn preflight(
    project: &Project,
    generated: &Generated,
    hosts: usize,
    kills: &[Act],
) -> Result<(), Failure> {
    let Some(origin) = &generated.origin else {
        return Ok(());
    };
    if origin.program().main.is_none() {
        return Err(no_main(project));
    }
    let creations = creations(origin.program());
    let few = |creation: &&Creation| {
        let replicas = creation
            .replicas
            .and_then(|count| usize::try_from(count).ok());
        replicas.is_some_and(|replicas| replicas > hosts)
    };
    // The one that is sure to fail, else the first that may.
    let mut short = creations.iter().filter(few);
    let worst = short.clone().find(|creation| creation.is_certain);
    if let Some(creation) = worst.or_else(|| short.next()) {
        too_few_hosts(origin, creation, hosts)?;
    }
    let is_replicated = |creation: &Creation| creation.replicas != Some(1);
    let leaderless = !creations.iter().any(is_replicated) && !finds_servers(origin.program());
    match kills.iter().find(|act| act.who == Who::Leader) {
        Some(kill) if leaderless => Err(Failure::Usage(format!(
            "`--kill {kill}`: no server of this program is replicated, so none has a leader; name a host, \
             `--kill host1@{}`, or replicate one: `server C tolerance (1) model crash`",
            kill.after.as_secs_f64()
        ))),
        _ => Ok(()),
    }
}

fn no_main(project: &Project) -> Failure {
    let what = format!(
        "`{}` has no `main`, so there is nothing to run",
        shown(&project.source).display()
    );
    let whole = whole_program(&project.source);
    let help = match whole {
        Some(folder) => format!("it is a part of the program in `{folder}`: `cmsl run {folder}`"),
        None => "write `void main () { … }`".to_owned(),
    };
    Failure::world_with_help(what, help)
}

/// The folder of the program that a file is a part of.
fn whole_program(source: &Path) -> Option<String> {
    let folder = source
        .ancestors()
        .skip(1)
        .find(|folder| folder.join(MANIFEST).is_file())?;
    let main = Project::open(folder).ok()?.source;
    (main != source).then(|| shown(folder).display().to_string())
}

fn too_few_hosts(origin: &Origin, creation: &Creation, hosts: usize) -> Result<(), Failure> {
    let Creation {
        class, replicas, ..
    } = creation;
    let needed = replicas.unwrap_or_default();
    let plural = if hosts == 1 {
        "is 1"
    } else {
        &format!("are {hosts}")
    };
    let what = format!(
        "{}: this `server {class}` needs {needed} hosts, one for each replica, and there {plural}",
        origin.place(creation.span)
    );
    let help = if needed <= u32::from(HOSTS_MAX) {
        format!("say `--hosts {needed}`, or write `hosts = {needed}` in the {MANIFEST}")
    } else {
        format!("`cmsl run` starts at most {HOSTS_MAX} hosts: ask for fewer replicas")
    };
    if creation.is_certain {
        return Err(Failure::world_with_help(what, help));
    }
    say::warning(what);
    say::help(help);
    Ok(())
}
