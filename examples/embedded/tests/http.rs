//! The example as its users meet it: the process, over HTTP, with the hosts that it starts.
#![expect(clippy::unwrap_used, reason = "it is a test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The web server, ended with SIGKILL when it is dropped; its hosts notice and end too.
struct Web {
    child: Child,
    address: String,
}

impl Web {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_embedded"))
            .arg("127.0.0.1:0")
            .env_remove("CMSL_CLUSTER")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap();
        Self {
            address: address.to_owned(),
            child,
        }
    }

    /// The status and the body of the answer to a request.
    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// The process of the host of this name.
    fn host(&self, name: &str) -> String {
        let parent = self.child.id().to_string();
        let listed = run(Command::new("ps").args(["-e", "-o", "pid=,ppid=,args="]));
        let is_host = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words[1] == parent && words.contains(&"kernel") && words.contains(&name)
        };
        let line = listed.lines().find(is_host).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_state_of_the_web_server_is_in_the_server_class() {
    let web = Web::start();
    assert_eq!(web.ask("GET", "/apples", "").0, 404);
    assert_eq!(web.ask("POST", "/pears", "-2"), (200, "-2".to_owned()));
    assert_eq!(web.ask("POST", "/apples", "3"), (200, "3".to_owned()));
    assert_eq!(web.ask("POST", "/apples", " 4\n"), (200, "7".to_owned()));
    let known = "7 after 2 changes".to_owned();
    assert_eq!(web.ask("GET", "/apples", ""), (200, known));
    let all = "apples 7\npears -2\n".to_owned();
    assert_eq!(web.ask("GET", "/", ""), (200, all));
    assert_eq!(web.ask("POST", "/apples", "many").0, 400);
    assert_eq!(web.ask("DELETE", "/apples", "").0, 405);
}

#[test]
fn an_exception_is_an_answer_with_its_class_and_place_and_changes_nothing() {
    let web = Web::start();
    let most = i64::MAX.to_string();
    assert_eq!(web.ask("POST", "/apples", &most), (200, most.clone()));
    let (status, why) = web.ask("POST", "/apples", "1");
    assert_eq!(status, 409);
    assert!(why.starts_with("arithmetic_error: "), "{why}");
    assert!(why.contains("src/store.cmsl:26:"), "{why}");
    assert_eq!(web.ask("PUT", "/apples", ""), (200, String::new()));
    let (status, why) = web.ask("POST", "/apples", "-1");
    assert_eq!(status, 409);
    assert!(why.starts_with("frozen: nobody may change apples"), "{why}");
    let known = format!("{most} after 1 changes");
    assert_eq!(web.ask("GET", "/apples", ""), (200, known));
}

/// Each host in turn, so that one of them led the store.
#[test]
fn nothing_is_lost_and_nothing_counted_twice_when_a_host_dies() {
    const CLIENTS: usize = 8;
    const REQUESTS: usize = 40;
    for host in ["host1", "host2", "host3"] {
        let web = Arc::new(Web::start());
        let answered = Arc::new(AtomicUsize::new(0));
        let victim = web.host(host);
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                let (web, answered) = (Arc::clone(&web), Arc::clone(&answered));
                scope.spawn(move || {
                    for _ in 0..REQUESTS {
                        assert_eq!(web.ask("POST", "/n", "1").0, 200);
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            while answered.load(Ordering::SeqCst) < CLIENTS * REQUESTS / 4 {
                std::thread::yield_now();
            }
            run(Command::new("kill").args(["-KILL", &victim]));
            assert!(answered.load(Ordering::SeqCst) < CLIENTS * REQUESTS);
        });
        let sum = CLIENTS * REQUESTS;
        let known = format!("{sum} after {sum} changes");
        assert_eq!(web.ask("GET", "/n", ""), (200, known), "{host}");
    }
}

#[test]
fn ctrl_c_ends_the_web_server_and_its_hosts_in_order() {
    let mut web = Web::start();
    let host = web.host("host2");
    let data = std::env::temp_dir();
    let folder = format!("cmsl-{}-", web.child.id());
    let is_there = || {
        let mut entries = std::fs::read_dir(&data).unwrap();
        entries.any(|entry| {
            let name = entry.unwrap().file_name();
            name.to_string_lossy().starts_with(&folder)
        })
    };
    assert!(is_there());
    let pid = web.child.id().to_string();
    run(Command::new("kill").args(["-INT", &pid]));
    let status: ExitStatus = web.child.wait().unwrap();
    assert!(status.success(), "{status}");
    let still_runs = Command::new("kill").args(["-0", &host]).output().unwrap();
    assert!(!still_runs.status.success());
    assert!(!is_there());
}
