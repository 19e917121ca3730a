//! Whatever may be repeated is taken in time that grows with the text: each construct four times as often.
//!
//! What is compared is the time of the processor, not of the clock; a construct is quadratic if it grows much faster
//! each time it is tried.

use cmsl_codegen::{check, load, package};
use std::fmt::Write as _;
use std::path::Path;

/// How often, the first time.
const COUNT: usize = 1_500;

/// How many times as often, the second time: as many times as long, or its square.
const TIMES: usize = 4;

/// How many times as long is still taken for linear.
const GROWTH_MAX: f64 = 7.0;

/// A construct, with so many of it.
type Construct = (&'static str, fn(usize) -> String);

const CONSTRUCTS: &[Construct] = &[
    ("functions", |n| {
        each(n, |i| {
            format!("int f{i} () {{ return f{} (); }}\n", (i + 1) % n)
        })
    }),
    ("forward declarations", |n| {
        each(n, |i| format!("int f{i} ();\n"))
            + &each(n, |i| format!("int f{i} () {{ return 1; }}\n"))
    }),
    ("variables", |n| {
        each(n, |i| {
            format!("int g{i} = {i};\nint f{i} () {{ g{i}++; return g{i}; }}\n")
        })
    }),
    ("declarators", |n| {
        format!("int {};", list(n, |i| format!("g{i} = {i}")))
    }),
    ("constants", |n| {
        each(n, |i| format!("const int k{i} = {i};\n"))
    }),
    ("enumeration values", |n| {
        format!(
            "enum e {{ {} }}; int f (e x) {{ switch (x) {{ {} default: return 1; }} }}",
            list(n + 1, |i| format!("v{i}")),
            each(n, |i| format!("case e::v{i}: return v{i} == x ? 1 : 2;\n")),
        )
    }),
    ("numbered values", |n| {
        format!("enum e {{ {} }};", list(n, |i| format!("v{i} = {i}")))
    }),
    ("enumerations", |n| {
        each(n, |i| format!("enum e{i} {{ a{i}, other }};\n"))
    }),
    ("type names", |n| {
        each(n, |i| format!("typedef list<int> t{i}; t{i} g{i};\n"))
    }),
    ("modules", |n| {
        each(n, |i| {
            format!("module m{i} {{ const int k = {i}; int f () {{ return k; }} }}\n")
        })
    }),
    ("a module in parts", |n| {
        each(n, |i| format!("module m {{ const int k{i} = {i}; }}\n"))
    }),
    ("names that Rust writes alike", |n| {
        each(n / 2, |i| format!("module m{i} {{ int G; int g; }}\n"))
    }),
    ("extern functions", |n| {
        format!(
            "extern \"rust\" {{ {} }}",
            each(n, |i| format!("int f{i} (int a);\n"))
        )
    }),
    ("parameters", |n| {
        format!(
            "int f ({}) {{ return p1; }} int g () {{ return f ({}); }}",
            list(n, |i| format!("int p{i}")),
            list(n, |i| i.to_string()),
        )
    }),
    ("formatted values", |n| {
        format!(
            "void f () {{ println (\"{}\", {}); }}",
            "{} ".repeat(n),
            list(n, |i| i.to_string())
        )
    }),
    ("contracts", |n| {
        let (pre, post) = ("pre (a > 1) ".repeat(n / 2), "post (a > 1) ".repeat(n / 2));
        format!("int f (int a) {pre}{post} {{ return a; }}")
    }),
    ("local variables", |n| {
        let declared = each(n, |i| format!("int x{i} = {i};\n"));
        let used = each(n, |i| format!("s += x{i};\n"));
        format!("int f () {{ int s; {declared}{used} return s; }}")
    }),
    ("blocks", |n| {
        format!("void f () {{ {} }}", "{ int x = 1; x = 2; }\n".repeat(n))
    }),
    ("hosts", |n| {
        format!(
            "void f () {{ {} }}",
            each(n, |i| format!("host h{i} = host (\"h{i}\");\n"))
        )
    }),
    ("arms", |n| {
        let arms = each(n, |i| format!("if (x == {i}) {{ return {i}; }} else "));
        format!("int f (int x) {{ {arms} {{ return 0; }} }}")
    }),
    ("cases", |n| {
        let cases = each(n, |i| format!("case {i}: x += {i};\n"));
        format!("int f (int x) {{ switch (x) {{ {cases} default: x = 0; }} return x; }}")
    }),
    ("cases of strings", |n| {
        let cases = each(n, |i| format!("case \"{i}\": return {i};\n"));
        format!("int f (string x) {{ switch (x) {{ {cases} default: return 0; }} }}")
    }),
    ("labels", |n| {
        let labels = each(n, |i| format!("case {i}:\n"));
        format!("int f (int x) {{ switch (x) {{ {labels} return 1; default: return 0; }} }}")
    }),
    ("catches", |n| {
        let classes = each(n / 2, |i| format!("class e{i} : public exception {{ }}\n"));
        let catches = each(n / 2, |i| format!("catch (e{i} e) {{ g (); }}\n"));
        format!("{classes} void g () {{ }} void f () {{ try {{ g (); }} {catches} }}")
    }),
    ("attempts", |n| {
        format!(
            "void g () {{ }} void f () {{ {} }}",
            "try { g (); } catch (...) { }\n".repeat(n)
        )
    }),
    ("steps of a loop", |n| {
        let steps = list(n, |_| "x++".to_owned());
        format!("void f () {{ int x; for (x = 1; x < 1; {steps}) {{ }} }}")
    }),
    ("statements of a loop for every", |n| {
        let statements = "a[i] = i;\n".repeat(n);
        format!("void f () {{ int a[10]; for every i, 0 <= i < 3, {{ {statements} }} }}")
    }),
    ("calls of servers in a loop for every", |n| {
        let calls = "r[i] = x[i]->m (i);\n".repeat(n);
        format!(
            "server class s {{ public: int m (int a) {{ return a; }} }}
             void f (s x) {{ int r[10]; for every i, 0 <= i < 3, {{ {calls} }} }}"
        )
    }),
    ("operators", |n| {
        let (sum, both) = (" + x * 2".repeat(n), " && x > 1".repeat(n));
        format!("int f (int x) {{ if (x > 2{both}) {{ return 1; }} return x{sum}; }}")
    }),
    ("futures", |n| {
        let futures = each(n, |i| {
            format!("future y{i} = invoke x->m (); accept (y{i}, 1);\n")
        });
        format!(
            "server class s {{ public: int m () {{ return 1; }} }} void f (s x) {{ {futures} }}"
        )
    }),
    ("hosts of a server", |n| {
        let hosts = list(n, |i| format!("host (\"h{i}\")"));
        format!("server class s {{ }} void f () {{ s x = server s hosts ({hosts}); }}")
    }),
    ("classes", |n| {
        each(n, |i| {
            format!("class c{i} {{ public: int m () {{ return {i}; }} }}\n")
        })
    }),
    ("server classes that call each other", |n| {
        each(n / 2, |i| {
            let next = (i + 1) % (n / 2);
            format!("server class c{i} {{ public: void m (c{next} x) {{ x->m (null); }} }}\n")
        })
    }),
    ("derived classes", |n| {
        let classes = each(n, |i| {
            format!("class c{i} : public b {{ public: int m () {{ return {i}; }} }}\n")
        });
        let calls = "x->m ();\n".repeat(n);
        format!(
            "class b {{ public: int m () {{ return 1; }} }} {classes} void f (b x) {{ {calls} }}"
        )
    }),
    ("methods", |n| {
        let declared = each(n, |i| format!("int m{i} ();\n"));
        let defined = each(n, |i| {
            format!("int c::m{i} () {{ return m{} (); }}\n", (i + 1) % n)
        });
        format!("class c {{ public: {declared} }} {defined}")
    }),
    ("attributes", |n| {
        let attributes = each(n, |i| format!("attribute int a{i} = {i};\n"));
        let written = each(n, |i| format!("a{i} = 1;\n"));
        format!("server class c {{ public: {attributes} void m () {{ {written} }} }}")
    }),
    ("relations", |n| {
        let one = each(n, |i| format!("relation c r{i} inverse c::m{i};\n"));
        let other = each(n, |i| format!("relation d m{i} inverse d::r{i};\n"));
        format!("class d {{ public: {one} }} class c {{ public: {other} }}")
    }),
    ("invariants", |n| {
        let invariants = "invariant (a > 1);\n".repeat(n);
        format!("class c {{ attribute int a; {invariants} public: void m () {{ a = 1; }} }}")
    }),
    ("what one function calls", |n| {
        let functions = each(n, |i| format!("int m{i} () {{ return f (); }}\n"));
        let calls = each(n, |i| format!("s += m{i} ();\n"));
        format!("{functions} int f () {{ int s; {calls} return s; }}")
    }),
    ("comments", |n| {
        "/// A line.\n".repeat(n) + "int f () { return /* 1 */ 1; }\n"
    }),
    ("imports", |n| {
        each(n, |i| format!("import \"i{i}.cmsl\";\n"))
    }),
    ("a long name", |n| {
        let name = "n".repeat(100 * n);
        format!("int {name} = 1; int f () {{ return {name}; }}")
    }),
    ("a long text", |n| {
        format!("string f () {{ return \"{}\"; }}", "\\n{{".repeat(20 * n))
    }),
    ("a long template", |n| {
        format!("void f () {{ println (\"{}\"); }}", "{{ \\n".repeat(20 * n))
    }),
    ("a long number", |n| {
        // So many that memory for them is asked of the system both times, not the second time alone.
        format!("double f () {{ return 1.{}; }}", "0".repeat(200 * n))
    }),
    ("groups of members", |n| {
        let groups = each(n, |i| {
            format!("public: int m{i} () {{ return 1; }} private:\n")
        });
        format!("class c {{ {groups} }}")
    }),
    ("beginnings of a loop", |n| {
        let beginnings = list(n, |_| "x = 1".to_owned());
        format!("void f () {{ int x; for ({beginnings}; x < 1; x++) {{ }} }}")
    }),
    ("extern methods", |n| {
        let methods = each(n, |i| format!("int m{i} (int a);\n"));
        format!("extern \"rust\" {{ class c {{ {methods} }} }} void f (c x) {{ x->m1 (1); }}")
    }),
    ("warnings", |n| {
        format!("int f (int x) {{ return 1; {} }}", "x = 1;\n".repeat(n))
    }),
];

/// Which construct repeats what a rule of the grammar repeats; none where a limit or an error stops it, or where the
/// rule only helps another.
const REPEATED: &[(&str, &str)] = &[
    ("ident", "a long name"),
    ("path", ""),
    ("number", "a long number"),
    ("string", "a long text"),
    ("character", ""),
    ("generic", ""),
    ("expr", "operators"),
    ("case_value", ""),
    ("operand", ""),
    ("arguments", "parameters"),
    ("server", ""),
    ("block", "blocks"),
    ("plain", ""),
    ("declarators", "declarators"),
    ("simple", ""),
    ("otherwise", "arms"),
    ("for_initial", "beginnings of a loop"),
    ("for_step", "steps of a loop"),
    ("switch_statement", "cases"),
    ("section", "labels"),
    ("try_statement", "catches"),
    ("file", "functions"),
    ("module", "a module in parts"),
    ("enum_item", "enumeration values"),
    ("extern_block", "extern functions"),
    ("function_head", "contracts"),
    ("parameters", "parameters"),
    ("base", ""),
    ("class_body", "methods"),
    ("skipped", ""),
    ("skip_string", ""),
    ("skip_character", ""),
    ("parentheses", ""),
    ("braces", ""),
];

#[test]
fn each_rule_of_the_grammar_that_repeats_has_its_construct() {
    const GRAMMAR: &str = include_str!("../../cmsl-parser/src/cmsl.pest");
    let mut rule = "";
    let mut repeats: Vec<&str> = Vec::new();
    for line in GRAMMAR.lines() {
        let code = line.split("//").next().unwrap();
        if let Some((head, _)) = code.split_once('=').filter(|_| !code.starts_with(' ')) {
            rule = head.trim();
        }
        let mut outside = code.split('"').step_by(2);
        let repeats_here = |part: &str| {
            let signs = part.match_indices(['*', '+']);
            // Between single quotes stands a character.
            signs.into_iter().any(|(at, _)| !part[..at].ends_with('\''))
        };
        if outside.any(repeats_here) && repeats.last() != Some(&rule) {
            repeats.push(rule);
        }
    }
    let known = |rule: &str| REPEATED.iter().find(|(known, _)| *known == rule);
    for rule in &repeats {
        let (_, construct) = known(rule).unwrap_or_else(|| panic!("`{rule}` is not repeated"));
        let has = CONSTRUCTS.iter().any(|(name, _)| name == construct);
        assert!(
            has || construct.is_empty(),
            "there is no construct `{construct}`"
        );
    }
    assert!(repeats.len() > 20, "{repeats:?}");
}

#[test]
fn what_is_repeated_takes_time_that_grows_with_it() {
    let mut report = String::new();
    for (what, construct) in CONSTRUCTS {
        let (few, many) = (construct(COUNT), construct(COUNT * TIMES));
        let growths = (0..4).map(|_| growth(what, &few, &many));
        let least = growths.take_while(|&growth| growth > GROWTH_MAX).count();
        if least == 4 {
            let _ = writeln!(report, "{what}");
        }
    }
    assert!(
        report.is_empty(),
        "these take the square of the time:\n{report}"
    );
}

/// How many times as long the longer text takes.
fn growth(what: &str, few: &str, many: &str) -> f64 {
    let time = |text: &str| {
        let start = processor_time();
        compile(what, text);
        processor_time() - start
    };
    let few = time(few);
    time(many) / few
}

fn compile(what: &str, text: &str) {
    let mut read = |_: &Path| Ok(Vec::new());
    let loaded = load(Path::new("a.cmsl"), text.into(), &mut read);
    assert!(
        loaded.diagnostics.is_empty(),
        "{what}: {:?}",
        loaded.diagnostics.first()
    );
    let (program, found) = check(&loaded.sources, &loaded.files, &loaded.diagnostics);
    let error = found.iter().find(|found| found.is_error());
    let program = program.unwrap_or_else(|| panic!("{what}: {error:?}"));
    let (files, _) = package(&program, &loaded.sources, "a");
    assert!(files.contains_key("src/main.rs"), "{what}");
}

/// The seconds that this thread has had a processor.
fn processor_time() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = text.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}

fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

fn list(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(", ")
}
