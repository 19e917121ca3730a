//! The `cmsl` command as a user meets it: words in, status and text out.

mod check;
mod knowledge;
mod new;
mod parallel;
mod run;
mod usage;
