//! Names that other languages have, and what stands for them here: somebody who knows those types them by habit.

/// What to write instead of a name.
pub(super) fn name(path: &str) -> Option<&'static str> {
    let name = path.rsplit("::").next().unwrap_or(path);
    Some(match name {
        "nullptr" | "NULL" | "nil" | "None" | "Null" => "write `null`",
        "True" | "TRUE" => "write `true`",
        "False" | "FALSE" => "write `false`",
        "self" | "Self" => "write `this`",
        "super" => {
            "the base's constructor stands behind the parameters, `c () : base (1) { … }`; its method is `base::method ()`"
        }
        "bool" => "write `boolean`",
        "String" | "str" | "wstring" | "string_view" => "write `string`",
        "string" if path != name => "write `string`",
        "auto" | "var" | "let" | "val" => "write the type of the variable",
        "fn" | "func" | "function" | "def" => {
            "a function begins with the type of its result, `int f (int x)`"
        }
        "byte" | "uint8_t" | "u8" => "write `octet`",
        "int16_t" | "i16" => "write `short`",
        "Integer" | "Int" | "int32_t" | "int32" | "i32" => "write `int`",
        "uint" | "uint32_t" | "u32" => "write `unsigned int`",
        "size_t" | "int64_t" | "int64" | "i64" | "Long" => "write `long`",
        "uint64_t" | "u64" => "write `unsigned long`",
        "Double" | "f64" => "write `double`",
        "Float" | "f32" => "write `float`",
        "Object" => "there is no class above all others: name the class that is meant",
        "Exception" | "runtime_error" => "the class is called `exception`",
        "vector" | "List" | "ArrayList" | "LinkedList" | "Array" | "deque" => "write `list<T>`",
        "Map" | "HashMap" | "TreeMap" | "unordered_map" | "dict" => "write `map<K, V>`",
        "Set" | "HashSet" | "TreeSet" | "unordered_set" => "write `set<T>`",
        "map" | "set" | "list" if path != name => "write the name without `std::`",
        "unique_ptr" | "shared_ptr" | "Box" | "Rc" => {
            "a variable of a class refers to its object by itself: write the class"
        }
        "printf" | "puts" | "cout" | "cerr" | "System" | "console" => {
            "write `println (\"{}\", …)`, where each `{}` stands for an argument"
        }
        "endl" => "`println` ends the line",
        "cin" | "scanf" | "getline" => "arguments come to `int main (list<string> args)`",
        "sprintf" | "to_string" | "toString" | "str_format" => "write `format (\"{}\", …)`",
        "strlen" | "len" | "size" | "sizeof" => "write `length (x)`",
        "atoi" | "stoi" | "stol" | "parseInt" => "write `parse_int (s)`",
        "atof" | "stod" | "parseDouble" => "write `parse_double (s)`",
        "Math" => "write the function alone: `sqrt (x)`",
        "goto" => "there is no `goto`: use loops, `break`, `return` and exceptions",
        "malloc" | "calloc" | "free" => "objects are made with `new`, and go by themselves",
        "find" => "write the class of the server, too: `find<c> (\"name\")`",
        "exit" | "abort" => "return from `main`, or `throw new exception (\"…\")`",
        "move" | "make_unique" | "make_shared" if path != name => "write `new C (…)`",
        "Thread" | "thread" | "mutex" | "async" => {
            "a server class runs its methods one at a time; `invoke` calls one without waiting"
        }
        _ => return None,
    })
}

/// What other languages call a member of a predefined type, and what to write here.
pub(super) fn member(owner: &str, name: &str) -> Option<&'static str> {
    let kind = owner.split('<').next().unwrap_or_default();
    Some(match (kind, name) {
        ("list", "push_back" | "push" | "add" | "put" | "emplace_back") => "write `append (x)`",
        ("list", "get" | "at" | "elementAt") => "write `l[i]`",
        ("list", "pop" | "pop_back" | "erase" | "removeAt" | "delete") => "write `remove (i)`",
        ("list", "front") => "write `first ()`",
        ("list", "back") => "write `last ()`",
        ("set" | "bag", "add" | "append" | "push" | "put") => "write `insert (x)`",
        ("set" | "bag", "erase" | "delete") => "write `remove (x)`",
        ("map", "put" | "insert" | "add") => "write `set (key, value)`",
        ("map", "at" | "find") => "write `get (key)`",
        ("map", "erase" | "delete") => "write `remove (key)`",
        ("list" | "set" | "bag" | "map", "has" | "includes" | "containsKey" | "count") => {
            "write `contains (x)`"
        }
        ("list" | "set" | "bag" | "map", "forEach" | "each" | "filter" | "begin" | "iterator") => {
            "write `for (T x : collection) { … }`"
        }
        ("string", "substr" | "slice") => "write `substring (from, count)`",
        ("string", "indexOf") => "write `find (s)`",
        ("string", "toUpperCase" | "to_upper") => "write `upper ()`",
        ("string", "toLowerCase" | "to_lower") => "write `lower ()`",
        ("string", "at" | "charAt") => "write `s[i]`",
        ("string", "append" | "concat" | "push_str" | "add") => "write `s += …`",
        ("string", "equals" | "compareTo") => "write `==`, or `<`",
        ("future", "get" | "wait" | "await" | "join") => "write `f->result`",
        ("list" | "set" | "bag" | "map" | "string", "size" | "length" | "len") => {
            "write `length (x)`"
        }
        ("list" | "set" | "bag" | "map" | "string", "empty" | "isEmpty" | "is_empty") => {
            "write `length (x) == 0`"
        }
        ("list" | "set" | "bag" | "map" | "string", "toString" | "to_string") => {
            "write `format (\"{}\", x)`"
        }
        _ => return None,
    })
}
