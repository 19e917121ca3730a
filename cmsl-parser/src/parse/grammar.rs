//! The parser that pest derives from `cmsl.pest`.

#[derive(pest_derive::Parser)]
#[grammar = "cmsl.pest"]
pub(crate) struct Grammar;
