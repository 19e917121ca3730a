//! Compiles the server classes to modules: of the program, and of its tests.

fn main() {
    cmsl_codegen::build::compile("src/store.cmsl");
    cmsl_codegen::build::compile("tests/values.cmsl");
}
