//! A replicated server of a compiled program calls another one while each host is killed in turn.

use cmsl_tests::Cmsl;
use std::fs;

const PROGRAM: &str = r#"extern "rust" { int sample (); }

server class ledger {
  public:
    void add (int n) { entries.append (n); }
    list<int> all () { return entries; }
  private:
    attribute list<int> entries;
}

server class clerk {
  public:
    clerk (ledger l) { book = l; }
    list<int> work (int rounds)
    {
        list<int> done;
        timestamp last = now ();
        for (int i = 0; i < rounds; i++) {
            int n = i * 10000 + (int) floor (random () * 1000.0) + sample () * 1000;
            assert (now () >= last);
            last = now ();
            book->add (n);
            done.append (n);
            sleep (0.05);
        }
        mine = done;
        return done;
    }
    list<int> kept () { return mine; }
  private:
    relation ledger book;
    attribute list<int> mine;
}

void main ()
{
    ledger l = server ledger tolerance (1) model crash;
    clerk c = server clerk (l) tolerance (1) model crash;
    list<int> said = c->work (60);
    println ("{} {} {}", length (said), said == l->all (), said == c->kept ());
}
"#;

/// Says something else in each process.
const RUST: &str = "pub fn sample() -> i32 { (std::process::id() % 9) as i32 }\n";

#[test]
fn each_host_may_end_while_a_method_calls_another_server() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("cmsl.toml", "main = \"a.cmsl\"\nextern = \"a.rs\"\n"),
        ("a.cmsl", PROGRAM),
        ("a.rs", RUST),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let outcome = Cmsl::new(["run", ".", "--hosts", "3"])
        .args(["--kill", "host1@1", "--restart", "host1@1.6"])
        .args(["--kill", "host2@2.2", "--restart", "host2@2.8"])
        .args(["--kill", "host3@3.4"])
        .current_dir(&folder)
        .run()
        .expect_status(0);
    assert_eq!(outcome.stdout, "60 true true\n", "{}", outcome.stderr);
    assert_eq!(outcome.stderr.matches("\nkilled: ").count(), 3);
}
