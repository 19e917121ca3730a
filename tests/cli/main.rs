//! The `cmsl` command as a user meets it: words in, status and text out.

mod check;
mod embedding;
mod fmt;
mod hostile;
mod knowledge;
mod lsp;
mod nested;
mod new;
mod outside;
mod parallel;
mod replicate;
mod run;
mod sim;
mod usage;
