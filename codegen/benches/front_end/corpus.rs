//! A program to measure the front end with: as long as is asked for, always the same, and valid.
//!
//! It repeats one module that looks like what people write (an enum, constants, classes with a base,
//! attributes, relations, contracts, methods inline and out of line, a server class, functions with
//! every kind of statement), each time with other names, so that no phase can profit from repetition.

use std::fmt::Write;

/// A program of at least so many lines that are not blank.
pub fn program(lines: usize) -> String {
    let mut text = String::new();
    let mut modules = 0;
    let mut count = 0;
    while count + MAIN_LINES < lines {
        let module = module(modules);
        count += filled(&module);
        text.push_str(&module);
        modules += 1;
    }
    text.push_str("void main () {\n    int total = 0;\n");
    for module in 0..modules {
        let _ = writeln!(text, "    total += region_{module}::audit (12);");
    }
    text.push_str("    println (\"{}\", total);\n}\n");
    text
}

/// How many lines of a text are not blank.
pub fn filled(text: &str) -> usize {
    text.lines().filter(|line| !line.trim().is_empty()).count()
}

const MAIN_LINES: usize = 4;

fn module(index: usize) -> String {
    let words = [
        "sector", "runway", "beacon", "flight", "corridor", "tower", "weather",
    ];
    let word = words.get(index % words.len()).copied().unwrap_or("sector");
    TEMPLATE
        .replace("WORD", word)
        .replace("NUM", &index.to_string())
}

const TEMPLATE: &str = r#"
/// Region NUM and what flies in it.
module region_NUM {
    enum phase_NUM { climbing, cruising, descending, landed };
    const double spacing_NUM = 5.0;
    const int limit_NUM = 64 + NUM;
    typedef list<int> counts_NUM;

    /// A place in the air.
    class WORD_point {
      public:
        attribute double latitude;
        attribute double longitude;
        attribute int altitude;
        WORD_point (double north, double east) {
            latitude = north;
            longitude = east;
            altitude = 0;
        }
        double distance (WORD_point other) const
            pre (other != null)
        {
            double dx = latitude - other->latitude;
            double dy = longitude - other->longitude;
            return sqrt (dx * dx + dy * dy);
        }
    }

    class WORD_NUM {
      public:
        attribute string label;
        attribute phase_NUM state;
        attribute map<string, int> seen;
        relation WORD_point last_fix;
        WORD_NUM (string name) {
            label = name;
            state = phase_NUM::climbing;
        }
        boolean add_fix (WORD_point fix);
        int count (int low, int high) const;
        string describe () const {
            if (last_fix == null) {
                return "no fix of " + label;
            }
            return "fix of " + label;
        }
      private:
        relation list<WORD_point> fixes;
        invariant (length (fixes) <= 4096);
    }

    /// A fix is taken unless it repeats the last one.
    boolean WORD_NUM::add_fix (WORD_point fix) {
        if (fix == null || fix == last_fix) {
            return false;
        }
        fixes.append (fix);
        last_fix = fix;
        if (fix->altitude > 30000) {
            state = phase_NUM::cruising;
        } else if (fix->altitude > 1000) {
            state = phase_NUM::climbing;
        } else {
            state = phase_NUM::landed;
        }
        return true;
    }

    int WORD_NUM::count (int low, int high) const {
        int found = 0;
        for (WORD_point p : fixes) {
            if (low <= p->altitude && p->altitude < high) {
                found++;
            }
        }
        return found;
    }

    server class store_NUM {
      public:
        attribute boolean stale;
        int update (string key, int by) {
            int before = 0;
            if (table.contains (key)) {
                before = table.get (key);
            }
            table.set (key, before + by);
            stale = by == 0;
            changes += 1;
            return before;
        }
        int total () const {
            int sum = 0;
            for (string key : table) {
                sum += table.get (key);
            }
            return sum;
        }
      private:
        attribute map<string, int> table;
        attribute int changes;
    }

    int weigh_NUM (phase_NUM p, int base) {
        int weight = base;
        switch (p) {
            case phase_NUM::climbing:
                weight = weight * 2;
                break;
            case phase_NUM::cruising:
            case phase_NUM::descending:
                weight += 3;
                break;
            default:
                weight -= 1;
        }
        return weight > limit_NUM ? limit_NUM : weight;
    }

    // Local objects only: nothing here needs a cluster.
    int audit (int rounds) {
        WORD_NUM subject = new WORD_NUM ("WORD");
        int checks = 0;
        for (int i = 0; i < rounds; i++) {
            double north = 1.5 * (double) i;
            WORD_point p = new WORD_point (north, 0.25);
            p->altitude = i * 700 + NUM;
            if (!subject->add_fix (p)) {
                continue;
            }
            checks += weigh_NUM (subject->state, i);
        }
        while (checks > 1000) {
            checks = checks / 2;
        }
        try {
            assert (subject->count (0, 90000) == rounds);
        } catch (exception e) {
            println ("region NUM: {}", e->message);
            checks = -1;
        }
        return checks + (rounds << 1) % 7;
    }
}
"#;
