//! Receivers as peers: our own replay as a stand-in, and Debian's `dump1090-mutability`.

use crate::harness::{Account, program, sample};
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the program makes of a live feed that ends when the connection does, or after a time.
fn heard(words: &[&str]) -> Account {
    let mut command = Command::new(program());
    command.args(["--", "--unreplicated", "--json"]).args(words);
    let outcome = cmsl_tests::run(command).expect_status(0);
    Account::of(&outcome)
}

#[test]
fn a_beast_stream_gives_what_the_file_gives() {
    let _turn = crate::harness::turn();
    let mut command = Command::new(program());
    command
        .args(["--", "--replay", ":0", "--speed", "max", "--feed"])
        .arg(sample())
        .stdout(Stdio::piped());
    let mut replay = Ended(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(replay.0.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim().rsplit(' ').next().unwrap().to_owned();
    let feed = format!("tcp://{address}");
    let account = heard(&["--feed", &feed, "--format", "beast", "--once"]);
    assert_eq!(account.number("frames"), 32_520, "{}", account.all());
    assert_eq!(account.number("squitters"), 10_925, "{}", account.all());
    assert_eq!(account.number("fixes"), 3_788, "{}", account.all());
    assert_eq!(account.number("aircraft"), 55, "{}", account.all());
    assert_eq!(account.number("lost"), 0, "{}", account.all());
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[test]
fn dump1090_serves_our_sensor_and_takes_our_replay() {
    let _turn = crate::harness::turn();
    if Command::new("dump1090-mutability")
        .arg("--help")
        .output()
        .is_err()
    {
        assert!(
            std::env::var_os("CI").is_none(),
            "install dump1090-mutability (apt-get install dump1090-mutability)"
        );
        eprintln!("dump1090-mutability is not installed: nothing tested");
        return;
    }
    let [input, beast, sbs, avr] = [free_port(), free_port(), free_port(), free_port()];
    let mut command = Command::new("dump1090-mutability");
    command.args(["--net-only", "--quiet", "--net-ri-port", "0"]);
    for (flag, port) in [
        ("--net-bi-port", input),
        ("--net-bo-port", beast),
        ("--net-sbs-port", sbs),
        ("--net-ro-port", avr),
    ] {
        command.arg(flag).arg(port.to_string());
    }
    let _decoder = Ended(
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", beast)).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "dump1090 opens no port"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    // Our sensors listen first, then the sample is played into the decoder.
    let sensors = [(beast, "beast"), (sbs, "sbs")].map(|(port, format)| {
        std::thread::spawn(move || {
            let feed = format!("tcp://127.0.0.1:{port}");
            heard(&["--feed", &feed, "--format", format, "--seconds", "25"])
        })
    });
    let to = format!("tcp://127.0.0.1:{input}");
    let mut replay = Command::new(program());
    replay
        .args(["--", "--replay", &to, "--speed", "20", "--feed"])
        .arg(sample());
    std::thread::sleep(Duration::from_secs(1));
    let outcome = cmsl_tests::run(replay).expect_status(0);
    assert!(
        outcome.stdout.contains("32520 frames"),
        "{}",
        outcome.stdout
    );
    for sensor in sensors {
        let account = sensor.join().unwrap();
        // The decoder has an opinion of its own on weak frames and positions: of 10,925 squitters it
        // passes 8,437 on, the same each time. The bulk must be there.
        assert!(account.number("squitters") > 8_000, "{}", account.all());
        assert!(account.number("aircraft") > 40, "{}", account.all());
        assert!(account.number("fixes") > 1_000, "{}", account.all());
        assert_eq!(account.number("lost"), 0, "{}", account.all());
    }
}
