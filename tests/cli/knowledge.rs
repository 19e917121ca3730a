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

const LOOPS: &str = r#"server class store {
  public:
    int get (int key) const { return n + key; }
    void put (int n) { this->n = n; }
    int relay () { return other->get (1); }
    void attach (store s) { other = s; }
  private:
    attribute int n;
    relation store other;
};
class item { public: attribute int n; };
int both (store s) { return s->get (0); }
void main () {
    store s = server store [5];
    int x[5];
    int total = 0;
    int last = 0;
    list<int> results;
    map<int, int> table;
    item it = new item;
    // Together.
    for every i, 0 <= i < 5, x[i] = s[i]->get (x[i]);
    for every i, 0 <= i < length (results) + 5, total += s[i]->get (i);
    for every i, 1 < i <= 4, { int key = i * 2; int unused = key; s[i]->put (key); println ("{} {}", i, unused); }
    for every i, 0 <= i < 5, { if (s[0]->get (i) > 2) { results.append (i); continue; } table[i] = 1; }
    for every i, 0 <= i < 5, { int answer = s[i]->get (length (table)); it->n += answer; }
    for every i, 0 <= i < 5, s->put (1);
    // One after the other.
    for every i, 0 <= i < 5, last = s[i]->get (last);
    for every i, 0 <= i < 5, x[i] = s[i]->get (x[0]);
    for every i, 0 <= i < 5, { if (s[i]->get (0) == 0) break; }
    for every i, 0 <= i < 5, { if (i > 2) s[i]->put (0); }
    for every i, 0 <= i < 5, { if (i > 2) continue; s[i]->put (0); }
    for every i, 0 <= i < 5, total += s[i]->get (0) + s[i]->get (1);
    for every i, 0 <= i < 5, total += s[i]->relay ();
    for every i, 0 <= i < 5, { total += s[i]->get (0) + both (s[0]); }
    for every i, 0 <= i < 5, { try { s[i]->put (0); } catch (server_failed e) { } }
    for every i, 0 <= i < 5, for (int k : results) s[i]->put (k);
    for every i, 0 <= i < 5, { int k; k = i; s[i]->put (k); }
    for every i, 0 <= i < 5, { boolean b = i > 2 && s[i]->get (0) > 1; }
    for every i, 0 <= i < 5, { last = s[i]->get (it->n); it->n = i; }
    for every i, 0 <= i < 5, s[i]->put (last++);
}
"#;

#[test]
fn each_loop_that_calls_servers_is_explained() {
    insta::assert_snapshot!(said(LOOPS, &["--explain-parallel"], 0));
}
