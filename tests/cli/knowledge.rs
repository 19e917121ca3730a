//! `cmsl check --effects` and `--message-format json`: what the compiler knows, for people and for programs.

use cmsl_tests::Cmsl;
use std::fs;

/// A program in a folder of its own, and what a command says about it.
fn said(program: &str, words: &[&str], status: i32) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.cmsl"), program).unwrap();
    let words = words.iter().copied().chain(["a.cmsl"]);
    let outcome = Cmsl::new(std::iter::once("check").chain(words))
        .current_dir(&folder)
        .run()
        .expect_status(status);
    outcome.stdout
}

const EFFECTS: &str = r#"extern "rust" { double great_circle (double a, double b); }
const int limit = 3;
int pure (int a, int b) { return a + b; }
class reading { public: attribute int n; };
server class store {
  public:
    store (int n) { this->n = n; }
    int get () const { return n; }
    int peek () { return pure (n, limit); }
    void put (int n) { this->n = n; }
    void change (reading r) { r->n = n; }
    reading make () { reading r = new reading; r->n = n; return r; }
    double far () { return great_circle (1.0, 2.0); }
    timestamp asked () { return now (); }
  private:
    attribute int n;
};
server class front {
  public:
    front (store s) { behind = s; }
    int ask () { return behind->get (); }
    int both () {
        future<int> f[2];
        f[0] = invoke behind->get ();
        f[1] = invoke behind->peek ();
        return accept (f, 2);
    }
  private:
    relation store behind;
};
void main () {
    store s = server store (1);
    if (random () < 2.0) println ("{} {}", s->get (), my_host ().name ());
}
"#;

#[test]
fn the_table_of_effects_says_what_each_method_may_do() {
    insta::assert_snapshot!(said(EFFECTS, &["--effects"], 0));
}

#[test]
fn effects_as_json_are_one_object_a_line() {
    let text = said(EFFECTS, &["--effects", "--message-format", "json"], 0);
    let rows: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(row("store::peek ()")["const"], "inferred");
    assert_eq!(row("store::peek ()")["read_only"], true);
    assert_eq!(row("store::put (int)")["read_only"], false);
    assert_eq!(row("front::ask ()")["read_only"], false);
    assert_eq!(row("main ()")["line_start"], 31);
}

#[test]
fn diagnostics_as_json_have_the_field_names_of_rustc() {
    let program = "void main () {\n    int count = 1;\n    /* ü */ cuont = 2;\n}\n";
    let text = said(program, &["--message-format", "json"], 1);
    let value: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
}
